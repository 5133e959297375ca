/**
 * The closed lists of reasons and what each means; which condition may carry which is said in
 * conditionReasons.ts. A reason that is not here must not be written.
 */

/** Why a candidate (provider × offer × pool) or the chosen set falls; in the order of the filters. */
export const placementReasons = {
  NoOffers: 'No provider offers anything at this hub.',
  ProviderNotReady: 'The provider’s agent is not connected or not let in.',
  ProviderSuspended: 'An admin suspended or abandoned the provider.',
  ProviderUnschedulable: 'An admin closed the provider for new leases.',
  OfferInvalid: 'The offer’s signature, grant or fields don’t verify.',
  OfferExpired: 'The offer’s validUntilTime has passed.',
  UnknownProduct: 'Nobody offers one of the products asked for.',
  GPUMemoryTooSmall: 'The GPUs have less memory than gpu.memoryMiB.',
  MIGNotRequested: 'Only slices of GPUs (MIG) are offered, and none was named in gpu.products.',
  SharedNotRequested: 'Only shared GPUs are offered, and none was named in gpu.products.',
  RegionExcluded: 'The region is not in placement.regions.',
  JurisdictionExcluded: 'The country is not in placement.jurisdictions.',
  ProviderNotAllowed:
    'The provider is not in placement.providers.allow or the account’s allowedProviders.',
  ProviderDenied: 'The provider is in placement.providers.deny.',
  TrustTierTooLow: 'The provider’s trust tier is below placement.minTrustTier.',
  IsolationTooWeak: 'The provider has no isolation as strong as placement.minIsolation.',
  DurationTooLong: 'runtime.maxDurationSeconds is longer than the offer allows.',
  GPUCountOutOfRange: 'The lease would be smaller or larger than the offer allows.',
  PriceAboveMax: 'All matching offers are dearer than budget.maxPricePerGPUHour.',
  RefusedByProvider: 'The provider refused this job and nothing there has changed since.',
  ProviderShareUsed:
    'The provider has all tasks of the job that placement.maxProviderSharePercent allows it.',
  InsufficientCapacity: 'Matching providers have too few free GPUs.',
  LocalityUnsatisfiable: 'No single provider or NVLink domain has room for all tasks together.',
  BudgetExceeded: 'The job would cost more than budget.maxTotal leaves.',
  AccountCapExceeded: 'The account would spend more than its caps.',
  EscrowTooSmall: 'The escrow can’t cover the most that the placement may cost.',
  DelegateNotAuthorized: 'The tenant has not authorized the operator’s delegate in the escrow.',
  DelegateLimitTooSmall: 'The delegate’s limit in the escrow leaves too little.',
  DelegateGasTooLow: 'The delegate’s address has too little of the chain’s coin for transactions.',
} as const;

/** Why an agent says no to a lease. Refusals don't count against retryLimit. */
export const refusalReasons = {
  TermsInvalid: 'The terms don’t match the lease, or a field is out of bounds.',
  SignatureInvalid: 'The terms’ signature does not recover the signer.',
  OfferUnknown: 'The agent never signed the offer, or replaced it.',
  OfferExpired: 'The offer’s validity or acceptBy has passed.',
  PriceBelowOffer: 'The price is below the offer’s.',
  WorkloadInvalid:
    'The workload document is missing, has another hash, or has a field that the agent refuses.',
  HubEpochTooLow: 'The hub was restored to an earlier state: its epoch is below one seen before.',
  EpochTooLow: 'A later attempt of the same tasks was already accepted here.',
  ChannelMismatch:
    'The channel’s tenant, provider, signer or generation is not the one on the chain.',
  ChannelClosing: 'The channel is being closed.',
  ChainNotReady: 'The agent has no current view of the chain.',
  InsufficientCapacity: 'Too few free GPUs.',
  NodesTooSmall: 'A task asks for more cpu, memory or disk than any node with the product has.',
  UnknownProduct: 'The provider has no such product.',
  DurationTooLong: 'Longer than the offer allows.',
  GPUCountOutOfRange: 'Smaller or larger than the offer allows.',
  IsolationUnsupported: 'The isolation asked for is not available.',
  OutputsUnsupported: 'The job has outputs, and the provider has nothing that copies them.',
  TooManyLeases: 'The channel or the agent is at its limit of active leases.',
  HubNotAllowed: 'The agent does not serve this hub.',
  TenantNotAllowed: 'The provider’s policy excludes this tenant.',
} as const;

/** How an attempt, or the job, ends without success. */
export const failureReasons = {
  TaskFailed: 'A task ended with an exit code other than 0.',
  RetryLimitExceeded: 'A task failed more often than batch.retryLimit allows.',
  DeadlineExceeded: 'A task ran longer than runtime.maxDurationSeconds.',
  StartDeadlineExceeded: 'The containers did not run within runtime.startDeadlineSeconds.',
  IdleTooLong: 'GPUs were held unbilled for longer than idleSeconds.',
  ImageNotFound: 'The image can’t be pulled: it does not exist or needs credentials.',
  ContainerCannotRun: 'The container could not be created or its program not started.',
  OutOfMemory: 'The container exceeded its memory.',
  OutOfEphemeralStorage:
    'The task wrote more than workload.resources.ephemeralStorage or sharedMemory.',
  OutputUploadFailed: 'A task succeeded, and its outputs could not be copied to their uri.',
  EvictedFromNode: 'The provider evicted the pod: its node ran short, or was drained.',
  Unschedulable: 'The provider’s scheduler found no node for the pod.',
  DeviceUnhealthy: 'A GPU of the task became unhealthy.',
  NodeLost: 'The node stopped reporting, was shut down or was removed.',
  AssignmentMismatch: 'A GPU of the task is another product than the lease pays for.',
  PodDeleted: 'The pod was deleted by somebody else.',
  QuotaExceeded: 'The provider’s quota refused the pods.',
  PodsRefused: 'The provider’s API server, or one of its nodes, refused the pods.',
  Stopped: 'The hub stopped the lease because its tasks are not needed any more.',
  Suspended: 'The job was suspended.',
  ScaledDown: 'service.replicas was lowered, and this was one of the highest.',
  Cancelled: 'The job was deleted.',
  Withdrawn: 'The hub took the lease back before it was accepted.',
  NotAccepted: 'The provider did not answer in time.',
  NotFunded: 'The channel was not funded in time.',
  FundsExhausted: 'The channel had too little left to cover the lease for longer than idleSeconds.',
  PaymentOverdue: 'The voucher stayed away for longer than interval and grace.',
  MaxAmountReached: 'The lease reached the most that it may cost.',
  BudgetExhausted: 'The job reached budget.maxTotal.',
  AccountCapReached: 'The account reached caps.total.',
  ChannelClosing: 'The channel is being closed on the chain.',
  RowRefused:
    'The hub ended the lease because it does not believe its meter; the reason is on the PaymentChannel.',
  MeterRefused: 'The hub does not pay the meter’s row; the reason is on the PaymentChannel.',
  Fenced: 'The agent lost the hub for longer than fenceSeconds and killed the pods.',
  ProviderLost: 'The provider was not heard of for longer than its fence.',
  Abandoned: 'An admin gave the provider up; the message says why.',
  ProviderSuspended: 'An admin suspended the provider.',
  Replaced: 'A later attempt took over.',
  AgentError: 'The agent failed in a way it can’t repair; the message says how.',
} as const;

/** Why an offer does not count, in the message of OffersValid and in placement records. */
export const offerReasons = {
  OfferSignatureInvalid: 'The offer’s signature does not recover its agent.',
  OfferHashMismatch: 'spec.offerHash is not the digest of the offer.',
  OfferForOtherHub: 'The offer is for another hub.',
  OfferForOtherProvider: 'The offer is for another provider’s address.',
  OfferExpired: 'The offer’s validUntilTime has passed.',
  GrantInvalid: 'The grant’s signature does not recover the provider’s address.',
  GrantExpired: 'The grant is not valid at this time.',
  GrantForOtherProvider: 'The grant is by another provider.',
  GrantForOtherAgent: 'The grant is for another agent.',
  PriceInexact: 'The price is not exact in the token’s smallest units.',
  NoSettlementChain: 'The hub has no SettlementChain that the offer was signed for.',
} as const;

/** Why the operator refuses a row of a statement (`refusals[].reason` on PaymentChannel). */
export const rowRefusalReasons = {
  LeaseUnknown: 'The hub has no such lease.',
  LeaseNotAccepted: 'The lease was never accepted.',
  WrongAmount: 'The amount is not price × GPU time.',
  WrongSpan: 'The row’s times overlap, run backwards or begin before the acceptance.',
  MoreThanWallClock: 'More GPU time than the GPUs can have had since the acceptance.',
  MoreThanObserved: 'Billed while the provider was not heard of.',
  ExceedsMaxAmount: 'More than the most that the lease may cost.',
  AmountFell: 'A cumulative amount is below one stated before.',
  EndedAlready: 'The lease’s final row was accepted before.',
  LeaseLost: 'More than was accepted before the lease was lost: another one runs its tasks since.',
} as const;

/** Why the operator refuses a whole statement (Warning events on PaymentChannel). */
export const statementRefusalReasons = {
  StatementHashMismatch: 'The statement’s hash is not the digest of its fields.',
  StatementSignatureInvalid: 'The signature does not recover the agent.',
  AgentNotGranted: 'The agent that signed has no valid grant of the provider.',
  SequenceReused: 'Two different statements carry the same number.',
  SequenceFell: 'The number is below one that was answered.',
  StatementChainRestarted: 'The statement does not follow the one before.',
  RowCountWrong: 'rowCount is not the number of rows.',
  RowsRootWrong: 'rowsRoot is not the Merkle root of the rows.',
  DuplicateRow: 'A lease is listed twice.',
  RowMissing: 'A lease that was stated before is neither listed nor folded.',
  FoldedAmountWrong: 'foldedAmount is not the sum of the accepted final rows.',
  FoldedHeadWrong: 'foldedHead is not the hash chain over the accepted final rows.',
  CumulativeWrong: 'cumulative is not the sum of folded and listed rows.',
  TooManyUnsettled: 'Too many ended leases of the channel wait for the chain.',
} as const;

/** Why a candidate is on a PlacementRecord's list of losers, besides the reasons of filters and offers. */
export const loserReasons = {
  NotCheapest: 'It fits, and cheaper offers took all tasks.',
  NotChecked: 'The offer’s signature has not been checked yet.',
} as const;

/** Why a candidate falls. */
export type PlacementReason = keyof typeof placementReasons;
/** Why an offer does not count. */
export type OfferReason = keyof typeof offerReasons;
/** Why an agent says no. */
export type RefusalReason = keyof typeof refusalReasons;
/** How an attempt ends without success. */
export type FailureReason = keyof typeof failureReasons;
/** Why a whole statement is not answered. */
export type StatementRefusalReason = keyof typeof statementRefusalReasons;
/** Why a statement's row is not paid. */
export type RowRefusalReason = keyof typeof rowRefusalReasons;

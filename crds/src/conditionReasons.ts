import { failureReasons, offerReasons, placementReasons, refusalReasons } from './reasons.ts';

/**
 * kind → condition → reason → meaning: which reason each condition of each kind may carry. The type
 * `ReasonOf` follows from it, and so does the API reference.
 */

const job = {
  Admitted: {
    Admitted: 'The job is valid and its account can pay: it may be placed.',
    Pending: 'Not looked at yet.',
    Suspended: 'spec.suspend is true.',
    FieldNotSupported: 'A field is set that this version does not support; the message names it.',
    SecretNotSealed: 'A Secret is referred to, and sealing is not available yet.',
    InvalidSpec: 'Fields contradict each other in a way that only the operator can see.',
    AccountNotFound: 'budget.accountName names no PaymentAccount in the namespace.',
    AccountNotReady: 'The PaymentAccount can’t pay; its own condition says why.',
    AccountCapExceeded: placementReasons.AccountCapExceeded,
    BudgetExceeded: placementReasons.BudgetExceeded,
    EscrowTooSmall: placementReasons.EscrowTooSmall,
  },
  Placed: {
    Placed: 'All tasks have a lease or are done.',
    PartlyPlaced: 'Some tasks have a lease; the message says what the others wait for.',
    Pending: 'Not looked at yet.',
    Finished: 'The job has ended.',
    ...placementReasons,
  },
  Succeeded: {
    Completed: 'All tasks succeeded.',
    Running: 'Tasks run.',
    Serving: 'All replicas of the service are ready.',
    PartlyServing:
      'Some replicas of the service are ready; the message says what the others wait for.',
    ScaledToZero: 'service.replicas is 0.',
    Starting: 'Leases exist; no container runs yet.',
    Pending: 'Not looked at yet.',
    Stopping: 'The job is stopping; its pods are not gone yet.',
    Placed: 'All tasks have a lease or are done.',
    PartlyPlaced: 'Some tasks have a lease; the message says what the others wait for.',
    Admitted: 'Admitted, not placed yet.',
    FieldNotSupported: 'A field is set that this version does not support; the message names it.',
    SecretNotSealed: 'A Secret is referred to, and sealing is not available yet.',
    InvalidSpec: 'Fields contradict each other in a way that only the operator can see.',
    AccountNotFound: 'budget.accountName names no PaymentAccount in the namespace.',
    AccountNotReady: 'The PaymentAccount can’t pay; its own condition says why.',
    ...placementReasons,
    ...failureReasons,
  },
} as const;

const lease = {
  Accepted: {
    Accepted: 'The agent accepted and signed.',
    Pending: 'The agent is deciding.',
    ...refusalReasons,
  },
  Funded: {
    Funded: 'The channel covers the lease by the agent’s own view of the chain.',
    WaitingForFunds:
      'The channel does not cover the lease yet; the message says how much is missing.',
    NotFunded: failureReasons.NotFunded,
    ChainNotReady: refusalReasons.ChainNotReady,
    PaymentOverdue: failureReasons.PaymentOverdue,
    ChannelClosing: failureReasons.ChannelClosing,
  },
  Provisioned: {
    Provisioned: 'Namespace, policies and jobs, or Deployment and Service, exist at the provider.',
    QuotaExceeded: failureReasons.QuotaExceeded,
    PodsRefused: failureReasons.PodsRefused,
  },
  Delivered: {
    Delivered: 'Containers run on their GPUs and the meter counts.',
    Waiting: 'No container runs yet; the message says what it waits for.',
    PullingImage: 'The image is being pulled.',
    Unschedulable: failureReasons.Unschedulable,
    ImageNotFound: failureReasons.ImageNotFound,
    ContainerCannotRun: failureReasons.ContainerCannotRun,
    CrashLoopBackOff:
      'The container ends again and again; its node waits before it starts it the next time.',
    DeviceUnhealthy: failureReasons.DeviceUnhealthy,
    AssignmentMismatch: failureReasons.AssignmentMismatch,
    NodeLost: failureReasons.NodeLost,
    PodsRefused: failureReasons.PodsRefused,
    PaymentOverdue: failureReasons.PaymentOverdue,
    FundsExhausted: failureReasons.FundsExhausted,
    MeterRefused: failureReasons.MeterRefused,
    Suspended: 'Suspended until it is paid or funded again.',
    AssignmentUnverified:
      'Containers run and the meter counts, but the cluster does not say which GPUs they got.',
    Finished: 'The lease has ended.',
  },
  Ready: {
    Ready: 'All tasks that shall run are running; of a service, the check of the replica passes.',
    NotReady:
      'Some tasks that shall run are not running, or the check of a replica does not pass; the message says which.',
    Finished: 'The lease has ended.',
  },
  Succeeded: {
    Completed: 'All tasks of the lease succeeded.',
    Running: 'Not ended yet.',
    Stopping: 'The pods are being removed.',
    ...failureReasons,
  },
  Settled: {
    Settled: 'The chain has paid the final row.',
    NothingToSettle: 'Nothing was billed.',
  },
  MeterDisputed: {
    Disputed:
      'The operator can’t bound the meter’s row and does not pay it; the message says what is wrong.',
    Agreed: 'The operator accepts the meter’s row.',
  },
} as const;

const channel = {
  Ready: {
    Ready: 'The channel is funded, stated and paid up to date.',
    Funding: 'A funding transaction is on its way.',
    Closing: 'The channel is being closed on the chain.',
    ChainNotReady: 'There is no current view of the chain.',
    PaymentOverdue: 'A statement has no voucher after interval and grace.',
    RedeemFailing:
      'The contract refuses redemptions, or they have failed for 15 s; the message says why.',
    GasTooLow: 'The agent’s gas address has too little of the chain’s coin to redeem.',
    WrongGeneration: 'The generation is not the one on the chain.',
    ChannelMismatch: 'Provider, chain or escrow is not the one that the agent is configured for.',
    VoucherInvalid: 'The newest voucher does not verify and does not count; the message says why.',
    RowSkipped:
      'The contract did not pay the newest voucher; the message says why. It is not sent again.',
  },
} as const;

const provider = {
  Joined: {
    Joined: 'Its namespace and permissions exist.',
    Pending: 'They are being made.',
  },
  Accepted: {
    Accepted: 'An admin let it in.',
    NotAccepted: 'spec.hubAccepted is false.',
    Suspended: 'spec.suspended is true.',
    Abandoned: 'spec.abandoned is set.',
  },
  Ready: {
    Ready: 'It heartbeats, has an inventory and valid offers.',
    Unschedulable: 'Ready, but closed for new leases by an admin.',
    NotAccepted: 'spec.hubAccepted is false.',
    Suspended: 'spec.suspended is true.',
    Abandoned: 'spec.abandoned is set.',
    NeverConnected: 'Its agent has never been heard of.',
    Unreachable: 'Its agent was not heard of for too long; the message says since when.',
    NoInventory: 'Its agent has not said what it has.',
    NoGPUs: 'It has no healthy GPU with a product label.',
    NoOffers: 'It offers nothing.',
    OffersInvalid: 'None of its offers verifies.',
  },
  OffersValid: {
    Valid: 'All offers verify.',
    SomeInvalid: 'Some offers don’t verify; the message names them.',
    NoneValid: 'No offer verifies; the message says why.',
    ...offerReasons,
    NoOffers: 'It offers nothing.',
  },
  Replaceable: {
    ProviderLost: failureReasons.ProviderLost,
    OutageGuard:
      'Most providers fell silent together: more likely it is this hub’s network, so nothing is replaced until enough are back or an admin abandons the provider.',
  },
} as const;

const inventory = {
  NetworkPolicyEnforced: {
    Enforced: 'A network plugin that keeps NetworkPolicies runs on every node with GPUs.',
    Stated: 'The provider states in the agent’s configuration that they are kept.',
    NetworkPolicyNotEnforced:
      'Nothing is known to keep NetworkPolicies: tenants’ pods may reach each other, also those of jobs with egress None.',
    NoGPUNodes: 'There is no node with GPUs.',
  },
} as const;

const account = {
  Ready: {
    Funded: 'The escrow can pay.',
    ChainNotFound: 'spec.chainName names no SettlementChain.',
    ChainNotReady: 'The SettlementChain is not ready; its own condition says why.',
    EscrowEmpty: 'Nothing is in escrow for the address; the message says where to deposit.',
    DelegateNotAuthorized: placementReasons.DelegateNotAuthorized,
    DelegateLimitTooSmall: placementReasons.DelegateLimitTooSmall,
    DelegateGasTooLow: placementReasons.DelegateGasTooLow,
    RunwayShort: 'The escrow runs dry soon; the message says when.',
    CapReached: 'A cap of the account is reached.',
  },
} as const;

const chain = {
  Ready: {
    Ready: 'The chain answers, and chain id, escrow and token are as stated.',
    SecretNotFound: 'rpcSecretRef names no Secret or key.',
    Unreachable: 'The RPC does not answer.',
    WrongChainId: 'The RPC serves another chain.',
    NoContract: 'There is no GpuEscrow at the escrow address.',
    WrongToken: 'The escrow’s token, or its decimals or symbol, is not the one stated.',
  },
  AnchorReady: {
    Ready: 'Digests of placement records are anchored; absent where spec.anchor is not set.',
    ChainNotReady: 'The chain is not ready; its own condition says why.',
    SecretNotFound: 'spec.anchor.keySecretRef names no Secret or key.',
    KeyInvalid: 'What spec.anchor.keySecretRef names is not a private key.',
    NoContract: 'There is no PlacementAnchor at spec.anchor.address.',
    GasTooLow: 'The key’s address has too little of the chain’s coin; the message says how much.',
  },
} as const;

const transaction = {
  Succeeded: {
    Built: 'Stored, not sent yet.',
    Sent: 'The chain has it; it is in no block yet, or in none any more.',
    Unknown: 'Whether the chain has it is not known; it is sent again as it is.',
    Mined: 'It is in a block that a reorganisation may still take back.',
    Safe: 'It is in a block that the chain holds for safe.',
    Final: 'It is in a final block. The status is False when the contract reverted it.',
    Replaced: 'Its nonce was used, for good, by a transaction that is not known here.',
    Dropped: 'It was given up; its nonce was used, for good, by a transaction that does nothing.',
  },
} as const;

/** kind → condition → reason → meaning. */
export const reasons = {
  GPUJob: job,
  GPULease: lease,
  PaymentChannel: channel,
  GPUProvider: provider,
  GPUInventory: inventory,
  PaymentAccount: account,
  SettlementChain: chain,
  ChainTransaction: transaction,
} as const;

type Reasons = typeof reasons;

/** Kinds with conditions. */
export type ConditionedKind = keyof Reasons;
/** Condition types of a kind. */
export type ConditionOf<K extends ConditionedKind> = keyof Reasons[K] & string;
/** Reasons that a condition may carry: `ReasonOf<'GPUJob', 'Placed'>`. */
export type ReasonOf<K extends ConditionedKind, C extends ConditionOf<K>> = keyof Reasons[K][C] &
  string;

import { chainTransaction } from './chaintransaction.ts';
import { channelRecord } from './channelrecord.ts';
import type { AnyKind } from './defineKind.ts';
import { gpuInventory } from './gpuinventory.ts';
import { gpuJob } from './gpujob.ts';
import { gpuLease } from './gpulease.ts';
import { gpuOffer } from './gpuoffer.ts';
import { gpuProvider } from './gpuprovider.ts';
import { leaseRecord } from './leaserecord.ts';
import { leaseWorkload } from './leaseworkload.ts';
import { paymentAccount } from './paymentaccount.ts';
import { paymentChannel } from './paymentchannel.ts';
import { placementRecord } from './placementrecord.ts';
import { settlementChain } from './settlementchain.ts';

/** Every kind, in the order in which a person meets them. */
export const kinds: readonly AnyKind[] = [
  gpuJob,
  paymentAccount,
  gpuProvider,
  settlementChain,
  gpuOffer,
  gpuInventory,
  gpuLease,
  leaseWorkload,
  paymentChannel,
  placementRecord,
  leaseRecord,
  channelRecord,
  chainTransaction,
];

import type { ResourceDefinition } from '@gridlease/kube/object';
import { GROUP, VERSION } from './labels.ts';

/** Where each kind lives in the API. Apart from the schemas, so that a client needs no zod. */

function resource(plural: string, kind: string, namespaced = true): ResourceDefinition {
  return { group: GROUP, version: VERSION, plural, kind, namespaced };
}

export const gpuJobs = resource('gpujobs', 'GPUJob');
export const gpuLeases = resource('gpuleases', 'GPULease');
export const paymentChannels = resource('paymentchannels', 'PaymentChannel');
export const gpuProviders = resource('gpuproviders', 'GPUProvider', false);
export const gpuInventories = resource('gpuinventories', 'GPUInventory');
export const gpuOffers = resource('gpuoffers', 'GPUOffer');
export const paymentAccounts = resource('paymentaccounts', 'PaymentAccount');
export const settlementChains = resource('settlementchains', 'SettlementChain', false);
export const placementRecords = resource('placementrecords', 'PlacementRecord');
export const leaseWorkloads = resource('leaseworkloads', 'LeaseWorkload');
export const leaseRecords = resource('leaserecords', 'LeaseRecord');
export const chainTransactions = resource('chaintransactions', 'ChainTransaction');
export const channelRecords = resource('channelrecords', 'ChannelRecord');

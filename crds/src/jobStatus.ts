import {
  conditions,
  indexSet,
  integer,
  list,
  objectName,
  observedGeneration,
  reason,
  struct,
  text,
  time,
  tokenUnits,
  uint64,
} from './fields.ts';
import { MAX_REPLICAS } from './jobDefaults.ts';

const leaseSummary = struct('One attempt of some of the tasks at one provider.', {
  name: objectName('Name of the GPULease.'),
  namespace: objectName('Its namespace.'),
  providerName: objectName('The GPUProvider.'),
  product: text('GPU product.', { maxLength: 63 }),
  epoch: integer('Fencing epoch of the attempt.', { min: 1, max: 4_294_967_295 }),
  attempt: integer('0 for the first attempt of these tasks.', { min: 0, max: 4_294_967_295 }),
  indexes: indexSet('Tasks in the lease, such as "0-3,7".'),
  state: reason('Where the lease stands: the reason of its latest condition.'),
  gpuCount: integer('GPUs held at most.', { min: 0, max: 640_000 }),
  pricePerGPUHour: tokenUnits('Agreed price of one GPU for one hour, in token units.'),
  gpuMilliseconds: uint64('Billed GPU time, in milliseconds.'),
  amount: tokenUnits('Cost so far, in token units.'),
});

/** The status of GPUJob. */
export const status = struct('What became of the job. Written by the operator.', {
  observedGeneration: observedGeneration().optional(),
  conditions: conditions(['Admitted', 'Placed', 'Succeeded']).optional(),
  epoch: integer('Last fencing epoch used; 0 before the first placement.', {
    min: 0,
    max: 4_294_967_295,
  }).optional(),
  provider: text('Providers that run or ran tasks, separated by commas.', {
    maxLength: 1024,
  }).optional(),
  product: text('GPU products in use, separated by commas.', { maxLength: 1024 }).optional(),
  tasks: text(
    'Succeeded tasks of all tasks, such as "7/12"; of a service, ready replicas of all.',
    { maxLength: 32 },
  ).optional(),
  replicas: integer('Replicas of a service whose containers run now.', {
    min: 0,
    max: MAX_REPLICAS,
  }).optional(),
  readyReplicas: integer('Replicas of a service that pass their check now.', {
    min: 0,
    max: MAX_REPLICAS,
  }).optional(),
  selector: text('Label selector of the GPULeases of a service, for autoscalers.', {
    maxLength: 128,
  }).optional(),
  active: integer('Tasks whose containers run now.', { min: 0, max: 10_000 }).optional(),
  succeeded: integer('Tasks that ended with exit code 0.', { min: 0, max: 10_000 }).optional(),
  failed: integer('Tasks that failed for good.', { min: 0, max: 10_000 }).optional(),
  completedIndexes: indexSet('Tasks that succeeded.').optional(),
  failedIndexes: indexSet('Tasks that failed for good.').optional(),
  gpuMilliseconds: uint64('Billed GPU time of all attempts, in milliseconds.').optional(),
  amount: tokenUnits(
    'Cost of all attempts so far, in token units. While tasks run it is written at most every 30 seconds.',
  ).optional(),
  startTime: time('When the first container ran.').optional(),
  completionTime: time('When the last task ended.').optional(),
  leases: list('The attempts, oldest first.', leaseSummary, { max: 256 }).optional(),
});

import type { CapacityInput, ChannelInput } from './facts.ts';
import { missingRoom } from './nodeRoom.ts';
import { type Policy, refuse } from './policy.ts';

/** A statement lists at most 256 rows; the rest is room for leases that end meanwhile. */
const maxLeasesPerChannel = 250;

/** What the agent's own RPC must say about the channel. */
export const channelPolicies: readonly Policy<ChannelInput>[] = [
  {
    name: 'the present generation',
    check: ({ terms, channel }) => {
      if (channel.generation !== terms.generation) {
        return refuse(
          'ChannelMismatch',
          `the terms are for generation ${terms.generation}, the channel is in ${channel.generation}`,
        );
      }
      return channel.retired
        ? refuse('ChannelMismatch', `generation ${terms.generation} of this channel was closed`)
        : undefined;
    },
  },
  {
    name: 'a channel that stays open',
    check: ({ channel }) =>
      channel.closing
        ? refuse('ChannelClosing', 'the tenant has asked to close the channel: no new leases')
        : undefined,
  },
  {
    name: 'room in the statement',
    check: ({ channel }) =>
      channel.openLeases < maxLeasesPerChannel
        ? undefined
        : refuse(
            'TooManyLeases',
            `the channel carries ${channel.openLeases} leases whose last row is not accepted, at most ${maxLeasesPerChannel}`,
          ),
  },
  {
    // A row is paid by the digest of its terms: a second lease with the same ones would run for nothing.
    name: 'terms that were not accepted before',
    check: ({ channel }) =>
      channel.acceptedAs === undefined
        ? undefined
        : refuse(
            'TermsInvalid',
            `the same terms were accepted for lease ${channel.acceptedAs}: they pay for one lease`,
          ),
  },
];

/** What only holds under the lock: nobody else may be promised the same GPUs meanwhile. */
export const capacityPolicies: readonly Policy<CapacityInput>[] = [
  {
    name: 'a node large enough',
    check: ({ lease, workload, capacity }) => {
      const document = workload.found ? workload.document : undefined;
      const missing = document && missingRoom(document, capacity.allocatable);
      return missing === undefined
        ? undefined
        : refuse('NodesTooSmall', `no ${lease.spec.product} node fits a task: ${missing}`);
    },
  },
  {
    name: 'free GPUs',
    check: ({ lease, terms, capacity }) => {
      const { parallelism, gpusPerTask } = lease.spec.tasks;
      return capacity.tasksThatFit >= parallelism
        ? undefined
        : refuse(
            'InsufficientCapacity',
            `needs ${terms.gpuCount} ${lease.spec.product} (${parallelism} tasks of ${gpusPerTask}), ` +
              `has ${capacity.freeGPUs} free, room for ${capacity.tasksThatFit} tasks`,
          );
    },
  },
];

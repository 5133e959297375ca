import { replicaNameOf } from '@gridlease/kube/replicaName';
import { z } from 'zod';

const seconds = (description: string, min: number, max: number) =>
  z.int().min(min).max(max).describe(description);

/** The name of the Lease that the replicas of a program share. */
export const electionLeaseName = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    'must be lower-case letters, digits, - and .',
  )
  .max(253);

const electionTimes = {
  durationSeconds: seconds('Seconds without renewal until another replica leads.', 2, 600).default(
    12,
  ),
  renewDeadlineSeconds: seconds(
    'Seconds without renewal until the leader itself stops; the difference is what its stages have to stop in.',
    1,
    600,
  ).default(9),
  retrySeconds: seconds('Seconds between two renewals.', 1, 600).default(2),
} as const;

/** How both programs are told which of their replicas acts; only the Lease's name is a program's own. */
export const leaderElectionConfig = <LeaseName extends z.ZodType>(leaseName: LeaseName) =>
  z
    .strictObject({
      leaseName,
      replicaName: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe(
          "This replica's own name, kept over restarts, such as its pod's: its successor need not wait for its Lease to run out.",
        ),
      ...electionTimes,
    })
    .refine(
      // The fields of the Lease's name are open here, so that zod can't tell the others.
      (election) => {
        const times = election as z.output<z.ZodObject<typeof electionTimes>>;
        const { durationSeconds, renewDeadlineSeconds, retrySeconds } = times;
        return retrySeconds < renewDeadlineSeconds && renewDeadlineSeconds < durationSeconds;
      },
      'retrySeconds must be less than renewDeadlineSeconds, and that less than durationSeconds',
    )
    .describe('Of several replicas one acts; the others take over when it is gone.');

type LeaderElection = {
  readonly [Field in keyof typeof electionTimes]: number;
} & { readonly replicaName?: string | undefined };

/** The election as `leaderLease` takes it. */
export function electionOptions(config: LeaderElection) {
  const replicaName = replicaNameOf(config.replicaName);
  return {
    ...(replicaName === undefined ? {} : { replicaName }),
    durationMs: config.durationSeconds * 1_000,
    renewDeadlineMs: config.renewDeadlineSeconds * 1_000,
    retryMs: config.retrySeconds * 1_000,
  };
}

/** How both programs are told how long to trust their watches. */
export const watchConfig = z
  .strictObject({
    silenceSeconds: seconds(
      'Seconds without a word until a watch counts as dead; the API server speaks about once a minute.',
      1,
      3_600,
    ).default(90),
    relistSeconds: seconds(
      'Longest time between two full lists: until then an event that the API server left out can be missing.',
      1,
      86_400,
    ).default(600),
  })
  .prefault({})
  .describe('How long to trust the watches.');

/** The same as `connectCluster` takes it. */
export function watchLimits({ silenceSeconds, relistSeconds }: z.output<typeof watchConfig>) {
  return { silenceMs: silenceSeconds * 1_000, relistMs: relistSeconds * 1_000 };
}

import { readFileSync } from 'node:fs';
import { OPERATOR_NAMESPACE } from '@gridlease/crds/labels';
import {
  electionLeaseName,
  leaderElectionConfig,
  watchConfig,
} from '@gridlease/crds/programConfig';
import { tracingConfig } from '@gridlease/crds/tracingConfig';
import { TerminalError } from '@gridlease/kube/errors';
import { z } from 'zod';

const seconds = (description: string, min: number, max: number) =>
  z.int().min(min).max(max).describe(description);

/** What the operator is told at its start. Unknown fields are refused: a typing error must not pass as a default. */
export const operatorConfigSchema = z
  .strictObject({
    kubeconfigPath: z
      .string()
      .min(1)
      .optional()
      .describe('Kubeconfig of the hub. Default: KUBECONFIG, ~/.kube/config, or in-cluster.'),
    namespace: z
      .string()
      .min(1)
      .max(63)
      .default(OPERATOR_NAMESPACE)
      .describe('Namespace of its keys.'),
    listen: z
      .strictObject({
        host: z.string().min(1).default('127.0.0.1'),
        port: z.int().min(0).max(65_535).default(0),
      })
      .prefault({})
      .describe('Address of metrics and health; port 0 takes a free one.'),
    hubEpoch: z
      .string()
      .regex(/^[1-9][0-9]{0,18}$/, 'must be a decimal string of a whole number from 1, such as "1"')
      .default('1')
      .describe('Raise it after the hub was restored from a backup; agents refuse lower ones.'),
    voucherIntervalSeconds: seconds('Seconds between statement and voucher.', 1, 600).default(60),
    // Agents refuse terms that leave more than an hour unpaid, interval and grace together.
    graceSeconds: seconds('Seconds that a statement may stay unpaid.', 1, 3_000).default(60),
    stopSeconds: seconds('Seconds that killing the pods takes at most.', 1, 600).default(20),
    prepaySeconds: seconds('Seconds paid in advance.', 0, 3_600).default(0),
    idleSeconds: seconds('Longest time that GPUs may be held unbilled.', 10, 86_400).default(300),
    fenceSeconds: seconds('Seconds without renewal until the agent kills pods.', 10, 3_600).default(
      60,
    ),
    unreachableSeconds: seconds(
      'Seconds without a heartbeat until a provider gets no new leases.',
      5,
      3_600,
    ).default(40),
    // 60 s fence, 20 s to kill the pods, 20 s of doubt.
    replaceSeconds: seconds(
      'Seconds without a heartbeat until the leases of a provider are replaced.',
      10,
      7_200,
    ).default(100),
    outageGuardSeconds: seconds(
      'Providers that fell silent within so many seconds count as one outage when they are most of all.',
      60,
      86_400,
    ).default(900),
    finalRowSeconds: seconds(
      'Longest time that a deleted job waits for the last row of a lease that has ended.',
      10,
      86_400,
    ).default(600),
    acceptSeconds: seconds('Seconds that a provider has to accept a lease.', 5, 3_600).default(30),
    fundDeadlineSeconds: seconds('Longest time until a channel is funded.', 10, 86_400).default(
      120,
    ),
    retentionSeconds: seconds('How long ended, settled leases are kept.', 0, 315_360_000).default(
      604_800,
    ),
    anchorSeconds: seconds(
      'Longest time that the digest of a placement waits until it is anchored, where a SettlementChain names an anchor.',
      1,
      86_400,
    ).default(3_600),
    leaderElection: leaderElectionConfig(
      electionLeaseName
        .default('gridlease-operator')
        .describe("Name of the Lease in the operator's namespace; the same in all its replicas."),
    ).prefault({}),
    watch: watchConfig,
    stateDir: z.string().min(1).describe('Folder for the inputs of placements.'),
    tracing: tracingConfig.optional(),
    logLevel: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
      .optional()
      .describe('What is logged: this and all that is graver. Default: info.'),
  })
  .refine(
    ({ replaceSeconds, fenceSeconds, stopSeconds, unreachableSeconds }) =>
      replaceSeconds >= fenceSeconds + stopSeconds + 10 && unreachableSeconds < replaceSeconds,
    {
      path: ['replaceSeconds'],
      message:
        'must be at least fenceSeconds + stopSeconds + 10, or a task could run twice, and more than unreachableSeconds',
    },
  );

export type OperatorConfig = z.output<typeof operatorConfigSchema>;

/** When silence has which consequence, in milliseconds. */
export function recoveryLimits(config: OperatorConfig) {
  const { unreachableSeconds, replaceSeconds, fenceSeconds, outageGuardSeconds } = config;
  return {
    unreachableMs: unreachableSeconds * 1_000,
    afterFenceMs: (replaceSeconds - fenceSeconds) * 1_000,
    usualFenceMs: fenceSeconds * 1_000,
    heardWithinMs: outageGuardSeconds * 1_000,
  };
}

/** Checks a configuration. Throws a TerminalError with one line per wrong field. */
export function parseOperatorConfig(value: unknown, source: string): OperatorConfig {
  const parsed = operatorConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(
    ({ path, message }) => `  ${path.length === 0 ? '(top level)' : path.join('.')}: ${message}`,
  );
  throw new TerminalError(`The configuration ${source} is not valid:\n${lines.join('\n')}`);
}

/** Reads and checks a configuration file. Throws a TerminalError that says what to mend. */
export function readOperatorConfig(path: string): OperatorConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TerminalError(`The configuration ${path} can't be read: ${String(cause)}`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TerminalError(`The configuration ${path} is not JSON: ${String(cause)}`, { cause });
  }
  return parseOperatorConfig(value, path);
}

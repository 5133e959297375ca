import { choice, integer, struct } from './fields.ts';
import { absolutePath, locationOf, money, nameOf } from './userFields.ts';

/** The `budget` block of GPUJob. */
export const budget = struct('Who pays, and how much at most. Mutable.', {
  accountName: nameOf('budget.accountName', 'PaymentAccount in the same namespace that pays.'),
  maxPricePerGPUHour: money(
    'budget.maxPricePerGPUHour',
    'Dearest acceptable price of one GPU for one hour. Default: any price.',
  ).optional(),
  maxTotal: money(
    'budget.maxTotal',
    'Most that the whole job may cost, all attempts together. Lowered while tasks run, it stops them once they have cost it, by the last statement. Default: bounded by the account only.',
  ).optional(),
});

/** The `runtime` block of GPUJob. */
export const runtime = struct('How long things may take.', {
  maxDurationSeconds: integer(
    'Longest billed running time of one attempt of a task, in seconds; then it is stopped and failed. Immutable. Default 86400 for batch, none for service.',
    { min: 1, max: 31_536_000 },
  ).optional(),
  startDeadlineSeconds: integer(
    'Longest time a lease may hold GPUs before its containers run, in seconds; then it ends unbilled and the tasks are placed elsewhere. Immutable. Default 900.',
    { min: 10, max: 86_400 },
  ).default(900),
  ttlSecondsAfterFinished: integer(
    'Seconds after which a finished job is deleted. Mutable. Default: never.',
    { min: 0, max: 31_536_000 },
  ).optional(),
});

/** The `failover` block of GPUJob. */
export const failover = struct(
  'What happens when a provider can’t be reached. Immutable.',
  {
    onDisconnect: choice(
      'Fence: the provider kills the tasks, the hub replaces them. KeepRunning: they go on, no replacement until the provider is back. Default Fence for batch, KeepRunning for service.',
      ['Fence', 'KeepRunning'],
    ).optional(),
    checkpointURI: locationOf(
      'failover.checkpointURI',
      'Where tasks keep their checkpoint, passed to their containers as GRIDLEASE_CHECKPOINT_URI. Nothing reads or writes it for them: a task saves there on SIGTERM and now and then, and goes on from there when it starts. It must not hold a credential. Default: none.',
    ).optional(),
    graceSeconds: integer(
      'Seconds between SIGTERM and SIGKILL when a task is suspended, stopped or out of time: enough to save a checkpoint. Billed as far as the container runs. A lease that is not paid for is stopped sooner. Default 60.',
      {
        min: 0,
        max: 600,
      },
    ).default(60),
  },
  { atomic: true },
);

/** One item of `outputs` of GPUJob. */
export const output = struct('One folder that is kept after a task ended.', {
  path: absolutePath('outputs.path', 'Folder in the container, such as /outputs.'),
  uri: locationOf(
    'outputs.uri',
    'Where its files are copied to, such as s3://bucket/prefix, with the AWS_ variables of workload.env. All tasks copy to the same place: name files by index.',
  ),
  secretName: nameOf(
    'outputs.secretName',
    'Secret with the credentials of uri. Refused with reason SecretNotSealed until Secrets can be sealed.',
  ).optional(),
});

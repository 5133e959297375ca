import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { getCondition } from '@gridlease/kube/conditions';
import type { StartStage } from './jobMetrics.ts';

export type Duration = readonly [stage: StartStage, seconds: number];

/** How long a job waited for admission and then for its first lease; times are whole seconds. */
export function waitsOf(job: GPUJob, firstLease: GPULease): readonly Duration[] {
  const created = timeOf(job.metadata.creationTimestamp);
  const admitted = conditionTime(job, 'Admitted');
  const placed = timeOf(firstLease.metadata.creationTimestamp);
  return steps([
    ['admit', created, admitted],
    ['match', admitted, placed],
  ]);
}

/** How long each step of a lease took that delivers for the first time. */
export function startOf(lease: GPULease): readonly Duration[] {
  const created = timeOf(lease.metadata.creationTimestamp);
  const [accepted, funded, provisioned, delivered] = [
    'Accepted',
    'Funded',
    'Provisioned',
    'Delivered',
  ].map((type) => conditionTime(lease, type));
  return steps([
    ['accept', created, accepted],
    ['fund', accepted, funded],
    ['provision', funded, provisioned],
    ['deliver', provisioned, delivered],
  ]);
}

/** From a job's creation to its first container, and the product it runs on first. */
export function jobStart({
  metadata,
  status,
}: GPUJob): { readonly product: string; readonly seconds: number } | undefined {
  const created = timeOf(metadata.creationTimestamp);
  const started = timeOf(status?.startTime);
  const product = status?.leases?.find(({ gpuMilliseconds }) => gpuMilliseconds !== '0')?.product;
  const shown = product ?? status?.product?.split(',')[0]?.trim();
  if (created === undefined || started === undefined || !shown) return undefined;
  return { product: shown, seconds: Math.max(0, (started - created) / 1_000) };
}

/** A step whose ends are not both known is left out; clocks of two machines may be a second apart. */
function steps(
  all: readonly (readonly [StartStage, number | undefined, number | undefined])[],
): readonly Duration[] {
  return all.flatMap(([stage, from, to]) =>
    from === undefined || to === undefined
      ? []
      : [[stage, Math.max(0, (to - from) / 1_000)] as const],
  );
}

function conditionTime(
  { status }: Pick<GPUJob | GPULease, 'status'>,
  type: string,
): number | undefined {
  const condition = getCondition(status?.conditions, type);
  return condition?.status === 'True' ? timeOf(condition.lastTransitionTime) : undefined;
}

function timeOf(text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

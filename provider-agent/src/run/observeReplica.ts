import { LABEL_EPOCH } from '@gridlease/crds/labels';
import type { ReplicaDeployment, TaskPod } from './objects.ts';
import { indexOf, type NodeStates, type Observation, observePods } from './observe.ts';

/**
 * The same of a service: nothing of it ends by itself. A container that ends is started again by its
 * node, a pod that is lost is replaced by its Deployment; both are what a service is for, no failure.
 */
export function observeReplica(
  epoch: number,
  deployments: readonly ReplicaDeployment[],
  pods: readonly TaskPod[],
  nodeState?: NodeStates,
): Observation {
  const own = deployments.filter(
    ({ metadata }) =>
      metadata.labels?.[LABEL_EPOCH] === String(epoch) && metadata.deletionTimestamp === undefined,
  );
  const seen = observePods(pods, nodeState);
  const isWithoutPod = (deployment: ReplicaDeployment): boolean =>
    deployment.spec?.replicas !== 0 &&
    !seen.livePods.some((pod) => indexOf(pod) === indexOf(deployment));
  return {
    ...seen,
    alive: own.map(indexOf).sort((a, b) => a - b),
    ready: seen.livePods.filter(isReady).length,
    succeeded: [],
    failures: [],
    owners: own,
    podless: own.filter(isWithoutPod),
  };
}

/** The node's word: containers run and their checks pass. A pod that is going gets no traffic. */
function isReady({ metadata, status }: TaskPod): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && metadata.deletionTimestamp === undefined;
}

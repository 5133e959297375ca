import type { Federation } from '../cluster/federation.ts';
import type { PodList } from '../demo/checker/pods.ts';
import { jobUidOf, type Scene } from '../scenarios/verbs.ts';

type RunningPod = {
  readonly metadata: { readonly uid: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
};

/** One job of a scene from all sides: the hub, the provider's pods, what is signed for it. */
export const jobView = (
  { providers }: Pick<Federation, 'providers'>,
  scene: Scene,
  { name, namespace }: { readonly name: string; readonly namespace: string },
) => {
  const leases = async () => {
    const { uid } = (await scene.get('gpujob', name, namespace)).metadata;
    return (await scene.list('gpuleases')).filter((lease) => jobUidOf(lease) === uid);
  };
  const pods = async (): Promise<PodList> => {
    const { uid } = (await scene.get('gpujob', name, namespace)).metadata;
    const selector = encodeURIComponent(`gridlease.dev/job-uid=${uid}`);
    return providers[0]!.client.get<PodList>(`/api/v1/pods?labelSelector=${selector}`);
  };
  const waitForLeases = async (type: string, seconds: number): Promise<void> => {
    for (const { metadata } of await leases()) {
      const lease = { kind: 'gpulease', name: metadata.name, namespace: metadata.namespace! };
      await scene.waitForCondition(lease, { type, status: 'True' }, seconds);
    }
  };
  return {
    pods,
    /** Waits until the meter runs. */
    delivering: async (): Promise<void> => {
      await scene.waitUntil(`a lease of ${name}`, async () => (await leases()).length > 0, 120);
      await waitForLeases('Delivered', 180);
    },
    /** Waits until the job has succeeded and every lease of it is settled. */
    settled: async (seconds: number): Promise<void> => {
      const job = { kind: 'gpujob', name, namespace };
      await scene.waitForCondition(job, { type: 'Succeeded', status: 'True' }, seconds);
      await waitForLeases('Settled', seconds);
    },
    /** Its leases and pods, by which one sees that none was replaced, stopped or started again. */
    running: async () => ({
      leases: (await leases()).map(({ metadata }) => metadata.uid),
      pods: ((await pods()).items as unknown as readonly RunningPod[]).map(
        ({ metadata: { uid, deletionTimestamp }, status }) => ({
          // One that is told to go says that it runs until its grace is over.
          ...{ uid, phase: status.phase, isGoing: deletionTimestamp !== undefined },
          restarts: status.containerStatuses?.map(({ restartCount }) => restartCount),
        }),
      ),
    }),
    /** What the operator has signed for the provider's work in the job's namespace, smallest units. */
    promised: async (): Promise<bigint> => {
      const channels = await scene.list('paymentchannels');
      return channels.reduce((sum, { spec }) => {
        const voucher = spec?.['voucher'] as { readonly cumulative: string } | undefined;
        return sum + BigInt(voucher?.cumulative ?? 0);
      }, 0n);
    },
  };
};

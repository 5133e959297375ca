import { randomBytes } from 'node:crypto';
import { uidToBytes32 } from '@gridlease/contracts/ids';
import { hashLeaseTerms, type LeaseTerms } from '@gridlease/contracts/leaseTerms';
import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { toKubeTime } from '@gridlease/kube/conditions';
import { until } from '@gridlease/kube/testing/until';
import { zeroHash } from 'viem';
import { agent, clients, domain, hubNamespace, price, recordNamespace } from './money.ts';
import type { TestChannel } from './moneyChannel.ts';

async function createTask(uid: string, seconds: number): Promise<void> {
  await clients.jobs.create({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: uid, namespace: recordNamespace, labels: { [LABEL_LEASE_UID]: uid } },
    spec: {
      template: {
        metadata: { labels: { [LABEL_LEASE_UID]: uid } },
        spec: {
          restartPolicy: 'Never',
          containers: [
            {
              name: 'task',
              image: 'example.com/task',
              env: [{ name: 'SIMULATED_SECONDS', value: String(seconds) }],
              resources: { limits: { 'nvidia.com/gpu': '2' } },
            },
          ],
        },
      },
    },
  });
}

function ended(reason: string): Pick<LeaseRecord['spec'], 'state' | 'finished'> {
  const time = toKubeTime(new Date());
  return { state: 'Ended', finished: { time, succeeded: false, reason, message: '' } };
}

/** An accepted lease with a Job of one task on two GPUs, one whose pod the test plays, or one that ended before it had any. */
export async function aLease(
  on: TestChannel,
  options: {
    readonly graceSeconds?: number;
    readonly idleSeconds?: number;
    readonly startDeadlineSeconds?: number;
  } & ({ readonly seconds: number } | { readonly endedAs: string } | { readonly isPlayed: true }),
) {
  const uid = `lease-${randomBytes(4).toString('hex')}`;
  const terms: LeaseTerms = {
    ...on.key,
    generation: 1,
    hub: zeroHash,
    hubEpoch: 1n,
    jobUid: uidToBytes32(uid),
    shard: 0,
    attempt: 1,
    offerHash: zeroHash,
    workloadHash: zeroHash,
    gpuCount: 2,
    spot: false,
    pricePerGpuHour: price,
    maxAmount: 10n ** 9n,
    maxSeconds: 3600,
    intervalSeconds: 1,
    graceSeconds: options.graceSeconds ?? 30,
    prepaySeconds: 0,
    idleSeconds: options.idleSeconds ?? 60,
    fenceSeconds: 60,
    retentionBps: 0,
    acceptBy: 0n,
  };
  const leaseId = hashLeaseTerms(domain, terms);
  const record = await clients.leaseRecords.create({
    apiVersion: 'gridlease.dev/v1alpha1',
    kind: 'LeaseRecord',
    metadata: { name: uid, namespace: recordNamespace },
    spec: {
      hub: 'test',
      leaseRef: { namespace: hubNamespace, name: uid, uid },
      jobRef: { namespace: 'team', name: 'job', uid: 'job' },
      leaseId,
      terms: {
        ...terms,
        hubEpoch: '1',
        pricePerGpuHour: price.toString(),
        maxAmount: terms.maxAmount.toString(),
        acceptBy: '0',
      },
      termsSignature: `0x${'00'.repeat(65)}`,
      tasks: { indexes: '0', parallelism: 1, gpusPerTask: 2 },
      epoch: 1,
      product: 'H100',
      workloadDocument: JSON.stringify({
        startDeadlineSeconds: options.startDeadlineSeconds ?? 60,
      }),
      channelName: on.name,
      acceptance: {
        leaseUid: zeroHash,
        acceptedMs: Date.now().toString(),
        agent: agent.address,
        signature: `0x${'00'.repeat(65)}`,
      },
      desiredState: 'Running',
      ...('endedAs' in options ? ended(options.endedAs) : { state: 'Running' }),
    },
  });
  if ('seconds' in options) await createTask(uid, options.seconds);
  const status = async () => {
    const { items } = await clients.pods.list({
      namespace: recordNamespace,
      labelSelector: `${LABEL_LEASE_UID}=${uid}`,
    });
    return items[0]?.status?.containerStatuses?.[0]?.state;
  };
  /** The run stage's part: says that the pods have ended. Gives what the pod objects say was used. */
  const end = async (): Promise<bigint> => {
    const { startedAt, finishedAt } = await until('the end of the pod', async () => {
      const { terminated } = (await status()) ?? {};
      return terminated;
    });
    await clients.leaseRecords.mergePatch(record.metadata, { spec: { state: 'Ended' } });
    return BigInt(Date.parse(finishedAt!) - Date.parse(startedAt!)) * 2n;
  };
  /** Whether the payer accepted its last row, so that it costs the channel nothing more. */
  const isFolded = async () =>
    (await clients.leaseRecords.get(record.metadata)).spec.meter?.folded === true;
  /** The same where the test says itself that the pod has ended. */
  const endAsPlayed = () =>
    clients.leaseRecords.mergePatch(record.metadata, { spec: { state: 'Ended' } });
  return { uid, leaseId, end, endAsPlayed, status, isFolded };
}

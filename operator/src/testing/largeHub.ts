import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { Condition } from '@gridlease/kube/object';
import {
  aCondition,
  aJob,
  aLease,
  anAcceptance,
  anAccount,
  anInventory,
  anOffer,
  aProvider,
  nowMs,
  runningConditions,
} from './builders.ts';
import { aChannel, aSignalsScene } from './signals.ts';

const providers = 100;
const namespaces = 20;
const products = ['H100-80GB-HBM3', 'L40S', 'A100-SXM4-80GB'] as const;

const ended = [...runningConditions, aCondition('Succeeded', 'True', 'Completed')];
const endedLong = new Date(nowMs - 60_000).toISOString();

/** What a lease says, in turn: running, waiting, suspended, ended, settled, refused. */
const states: readonly (readonly Condition[])[] = [
  runningConditions,
  [],
  [aCondition('Accepted', 'True', 'Accepted'), aCondition('Delivered', 'False', 'PaymentOverdue')],
  ended,
  [...ended, aCondition('Settled', 'True', 'Settled')],
  [aCondition('Accepted', 'False', 'InsufficientCapacity')],
];

const providerName = (index: number): string =>
  `provider-${String(index % providers).padStart(3, '0')}`;

function largeJob(template: GPUJob, index: number): GPUJob {
  const namespace = `team-${index % namespaces}`;
  const name = `job-${index}`;
  const state = ['Running', 'Starting', 'NoOffers', 'Completed'][index % 4]!;
  const status = state === 'Completed' ? 'True' : 'Unknown';
  return {
    ...template,
    metadata: { ...template.metadata, namespace, name, uid: `uid-${name}` },
    status: { conditions: [aCondition('Succeeded', status, state)] },
  };
}

function largeLease(template: GPULease, index: number): GPULease {
  const provider = providerName(index);
  const name = `job-${index}-1`;
  return {
    ...template,
    metadata: {
      ...template.metadata,
      name,
      namespace: `gridlease-provider-${provider}`,
      uid: name,
    },
    spec: {
      ...template.spec,
      jobRef: {
        namespace: `team-${index % namespaces}`,
        name: `job-${index}`,
        uid: `uid-job-${index}`,
      },
      providerName: provider,
      product: products[index % products.length]!,
    },
    status: {
      acceptance: anAcceptance,
      startTime: endedLong,
      endTime: endedLong,
      gpuMilliseconds: '60000',
      conditions: states[Math.floor(index / providers) % states.length]!,
    },
  };
}

/**
 * A hub with 100 providers of three products each, 20 teams and so many jobs, each with a lease; every
 * provider has a channel that is stated and paid. As objects only: no API server holds them.
 */
export function aLargeHub(jobs: number) {
  const scene = aSignalsScene();
  const { informers } = scene;
  informers.providers.remove('alpha');
  for (let index = 0; index < namespaces; index += 1) {
    informers.accounts.put(anAccount({ namespace: `team-${index}`, name: `team-${index}` }));
  }
  for (let index = 0; index < providers; index += 1) {
    const name = providerName(index);
    informers.providers.put(aProvider(name, { spec: { region: `region-${index % 10}` } }));
    informers.inventories.put(
      anInventory(name, { pools: products.map((product) => ({ product })) }),
    );
    for (const product of products) informers.offers.put(anOffer(name, { product }));
  }
  const [job, lease] = [aJob(), aLease()];
  for (let index = 0; index < jobs; index += 1) {
    informers.jobs.put(largeJob(job, index));
    informers.leases.put(largeLease(lease, index));
  }
  return { ...scene, providerName, providers, aStatedChannel };
}

/** The channel of one provider with the rows of its running leases. */
function aStatedChannel(index: number, seconds: number, jobs: number) {
  const provider = providerName(index);
  const leases = Array.from(
    { length: Math.min(256, Math.ceil(jobs / providers)) },
    (_, row) => index + row * providers,
  );
  const channel = aChannel({
    provider,
    stated: nowMs + seconds * 1_000,
    promised: BigInt(seconds) * 1_000n,
    rows: leases.map((id) => ({ id, lease: `job-${id}-1`, gpuMs: seconds * 1_000 })),
  });
  const namespace = `team-${index % namespaces}`;
  return {
    ...channel,
    spec: { ...channel.spec, accountRef: { ...channel.spec.accountRef, namespace } },
  };
}

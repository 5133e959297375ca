import { escrowDomain } from '@gridlease/contracts/domain';
import type { GPUJob, GPUJobSpecInput } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { API_VERSION } from '@gridlease/crds/labels';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import * as kinds from '@gridlease/crds/resources';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { getCondition, setCondition } from '@gridlease/kube/conditions';
import type { Condition } from '@gridlease/kube/object';
import { type ResourceClient, resourceClient } from '@gridlease/kube/resources';
import type { LocalAccount } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { acceptAndRun, answer, saying } from './agentAnswers.ts';
import { addressOf, image } from './builders.ts';
import { type RunningStages, startStages, type Told } from './jobStages.ts';
import { addProvider, providerIsKnown } from './market.ts';
import { openTestHub, type TestHub } from './testHub.ts';

const chainId = 31_337;
const escrow = addressOf('escrow');
const token = { address: addressOf('token'), symbol: 'tUSD', decimals: 6 };

/** Jobs on a real API server with queue, match and lease at work; the test speaks for the agents. */
export type JobScene = {
  readonly hub: TestHub;
  readonly agent: LocalAccount;
  readonly events: readonly Told[];
  readonly jobs: ResourceClient<GPUJob>;
  apply(name: string, spec: Partial<GPUJobSpecInput>): Promise<GPUJob>;
  addAccount(name?: string): Promise<PaymentAccount>;
  addProvider(name: string, product: string, gpus: number): Promise<string>;
  job(name: string): GPUJob | undefined;
  leases(name: string): readonly GPULease[];
  /** Waits on the informers that the stages use, never on a clock. */
  until<T>(what: string, look: () => T | undefined | false): Promise<T>;
  untilReason(name: string, type: string, reason: string): Promise<Condition>;
  /** Stops the stages, runs the action without them, and starts them again. */
  restart(meanwhile: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
};

export async function openJobScene(): Promise<JobScene> {
  const hub = await openTestHub();
  const signer = privateKeyToAccount(generatePrivateKey());
  const agent = privateKeyToAccount(generatePrivateKey());
  const events: Told[] = [];
  const domain = escrowDomain({ chainId, escrow });
  const jobs = resourceClient<GPUJob>(hub.admin, kinds.gpuJobs);
  await resourceClient<SettlementChain>(hub.admin, kinds.settlementChains).create({
    apiVersion: API_VERSION,
    kind: 'SettlementChain',
    metadata: { name: `chain-${hub.id}`, labels: hub.labels },
    spec: {
      ...{ chainId, escrow, token, finality: 'Finalized' },
      rpcSecretRef: { namespace: 'gridlease-system', name: 'none', key: 'url' },
    },
  });
  let running: RunningStages;
  const job = (name: string) => running.informers.jobs.get(`${hub.namespace}/${name}`);
  const leases = (name: string) =>
    running.informers.leases.byIndex('job', `${hub.namespace}/${name}`);
  const scene: JobScene = {
    ...{ hub, agent, events, jobs, job, leases },
    apply: (name, spec) =>
      jobs.create({
        apiVersion: API_VERSION,
        kind: 'GPUJob',
        metadata: { name, namespace: hub.namespace, labels: hub.labels },
        spec: {
          ...(spec.service === undefined ? { batch: {} } : {}),
          ...{ workload: { image }, gpu: { count: 1 }, budget: { accountName: 'team' } },
          ...spec,
        } as GPUJob['spec'],
      }),
    addAccount: (name = 'team') => addAccount(hub, name, signer),
    addProvider: async (name, product, gpus) => {
      const options = { name, product, gpus, price: '2.10' };
      const added = await addProvider({ hub, agent, domain }, options);
      await providerIsKnown(running.informers, added);
      return added;
    },
    until: (what, look) => untilSeen(running, what, look),
    untilReason: (name, type, reason) =>
      untilSeen(running, `${name} ${type}/${reason}`, () => {
        const found = getCondition(job(name)?.status?.conditions, type);
        return found?.reason === reason ? found : undefined;
      }),
    restart: async (meanwhile) => {
      await running.stop();
      await meanwhile();
      running = await startStages(hub, { signer, events });
    },
    close: async () => {
      await running?.stop();
      await hub.close();
    },
  };
  await scene.addAccount();
  running = await startStages(hub, { signer, events });
  return scene;
}

async function addAccount(
  hub: TestHub,
  name: string,
  signer: LocalAccount,
): Promise<PaymentAccount> {
  const created = await resourceClient<PaymentAccount>(hub.admin, kinds.paymentAccounts).create({
    apiVersion: API_VERSION,
    kind: 'PaymentAccount',
    metadata: { name, namespace: hub.namespace, labels: hub.labels },
    spec: { address: addressOf('tenant'), chainName: `chain-${hub.id}` },
  });
  const money = { free: '10000', reserved: '0', spent: '0' };
  return resourceClient<PaymentAccount>(hub.operator, kinds.paymentAccounts).replaceStatus({
    ...created,
    status: {
      ...{ delegateAddress: signer.address, delegateLimit: '10000', delegateSpent: '0', ...money },
      conditions: setCondition([], saying('Ready', 'True', 'Funded'), new Date()),
    },
  });
}

/** Takes a replica's lease, runs it, and lets it pass its check. */
export async function serve({ hub, agent }: JobScene, lease: GPULease): Promise<void> {
  await acceptAndRun(hub, agent.address, lease);
  await sayReady(hub, lease, 'True');
}

/** The replica passes its check, or no longer. */
export function sayReady(hub: TestHub, lease: GPULease, status: 'True' | 'False'): Promise<void> {
  const reason = status === 'True' ? 'Ready' : 'NotReady';
  return answer(hub, lease, (current) => ({
    ...current,
    conditions: setCondition(current.conditions, saying('Ready', status, reason), new Date()),
  }));
}

function untilSeen<T>(
  { informers }: RunningStages,
  what: string,
  look: () => T | undefined | false,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stops: (() => void)[] = [];
    const stopAll = (): void => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
    const timer = setTimeout(() => {
      stopAll();
      const jobs = informers.jobs.list().map(({ metadata: { name }, status }) => [name, status]);
      reject(new Error(`never came: ${what}\n${JSON.stringify(jobs, null, 1)}`));
    }, 60_000);
    const check = (): void => {
      const found = look();
      if (found === undefined || found === false) return;
      stopAll();
      resolve(found as T);
    };
    const { jobs, leases, records } = informers;
    for (const informer of [jobs, leases, records]) stops.push(informer.onChange(check));
    check();
  });
}

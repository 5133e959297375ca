import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { freeze, thaw } from '../chaos/providerGroup.ts';
import type { Manifest } from '../cluster/apiClient.ts';
import { TENANT } from '../cluster/hub.ts';
import { readKubeconfig } from '../cluster/kubeconfig.ts';
import { chainClients } from '../cluster/money.ts';
import { mintToken } from '../cluster/serviceAccount.ts';
import { waitFor } from '../cluster/waitFor.ts';
import { callRpc } from '../demo/checker/rpc.ts';
import type { BoardEvent } from './boardMoves.ts';
import { type BoardScene, cheat, honest } from './boardScene.ts';

/** What happens; called with `until`, which waits until the panels of the event have moved. */
type Act = (scene: BoardScene, until: () => Promise<void>) => Promise<void>;

const group = '/apis/gridlease.dev/v1alpha1';

const aJob = (
  name: string,
  seconds: number,
  gpu: object,
  resources?: object,
  command: readonly string[] = ['work'],
): Manifest => ({
  apiVersion: 'gridlease.dev/v1alpha1',
  kind: 'GPUJob',
  metadata: { namespace: TENANT.namespace, name },
  spec: {
    batch: { completions: 1 },
    workload: {
      image: `registry.example/tool@sha256:${'ab'.repeat(32)}`,
      command,
      env: [{ name: 'SIMULATED_SECONDS', value: String(seconds) }],
      ...(resources && { resources }),
    },
    gpu: { count: 1, ...gpu },
    budget: { accountName: TENANT.paymentAccount },
    runtime: { maxDurationSeconds: 600 },
  },
});

const L40S = { products: ['L40S'] };
const apply = (scene: BoardScene, ...jobs: readonly Manifest[]) =>
  Promise.all(jobs.map((job) => scene.federation.hub.client.apply(job)));

const leaseOf = ({ labels }: Manifest['metadata']): string =>
  labels?.['gridlease.dev/lease-uid'] ?? '';

/** Pods of the tenant's tasks that run at a provider. */
async function runningPods(scene: BoardScene, provider: string): Promise<readonly Manifest[]> {
  const { client } = scene.federation.providers.find(({ name }) => name === provider)!;
  const list = await client.get<{ items: (Manifest & { status?: { phase?: string } })[] }>(
    '/api/v1/pods',
  );
  return list.items.filter(
    ({ metadata, status }) => status?.phase === 'Running' && leaseOf(metadata) !== '',
  );
}

type LeaseList = {
  readonly items: readonly {
    readonly metadata: { readonly uid: string };
    readonly spec: { readonly jobRef: { readonly name: string } };
  }[];
};

const leasesOf = async (scene: BoardScene, job: string) => {
  const { items } = await scene.federation.hub.client.get<LeaseList>(`${group}/gpuleases`);
  return items.filter(({ spec }) => spec.jobRef.name === job);
};

/** Applies a job and waits for the pod of its task. */
async function run(scene: BoardScene, job: Manifest): Promise<Manifest> {
  const { name } = job.metadata;
  await apply(scene, job);
  return waitFor(
    async () => {
      const uids = (await leasesOf(scene, name)).map(({ metadata }) => metadata.uid);
      const pods = await runningPods(scene, honest);
      return pods.find(({ metadata }) => uids.includes(leaseOf(metadata)));
    },
    { what: `a task of ${name}`, timeoutMilliseconds: 120_000 },
  );
}

export const acts: Readonly<Record<BoardEvent, Act>> = {
  'jobs are applied, run, end and are settled': async (scene, until) => {
    const moved = until();
    await run(scene, aJob('long', 3_000, L40S));
    await apply(scene, aJob('short', 8, L40S));
    await moved;
  },
  'a job asks for what nobody offers': async (scene, until) => {
    await apply(scene, aJob('elsewhere', 5, { products: ['B200'], count: 2 }));
    await until();
  },
  'a job is too large for any node': async (scene, until) => {
    const resources = { cpu: '1', memory: '60Ti', ephemeralStorage: '1Gi' };
    await apply(scene, aJob('huge', 5, L40S, resources));
    await until();
  },
  'a provider bills twice the price': async (scene, until) => {
    await apply(scene, aJob('cheated', 60, { products: ['A100'] }));
    await until();
  },
  'a task fails': async (scene, until) => {
    await apply(scene, aJob('failing', 4, L40S, undefined, ['sh', '-c', 'exit 3']));
    await until();
  },
  'a GPU breaks': async (scene, until) => {
    const { client } = scene.federation.providers.find(({ name }) => name === honest)!;
    const path = `/api/v1/nodes/${honest}-l40s-0/status`;
    const allocatable = (count: string) =>
      client.request(
        'PATCH',
        path,
        { status: { allocatable: { 'nvidia.com/gpu': count } } },
        'application/merge-patch+json',
      );
    await allocatable('7');
    await until();
    await allocatable('8');
  },
  'escrow is bound behind the back of the hub': async (scene, until) => {
    const { hub, environment } = scene.federation;
    const namespace = 'team-b';
    await hub.client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await hub.client.apply({
      apiVersion: 'gridlease.dev/v1alpha1',
      kind: 'PaymentAccount',
      metadata: { namespace, name: namespace },
      spec: { address: environment.tenant.address, chainName: 'local' },
    });
    const signer = await waitFor(
      async () => {
        const path = `${group}/namespaces/${namespace}/paymentaccounts/${namespace}`;
        const account = await hub.client.get<{ status?: { delegateAddress?: `0x${string}` } }>(
          path,
        );
        return account.status?.delegateAddress;
      },
      { what: `the delegate of ${namespace}` },
    );
    const { rpcURL, chainId, escrow } = environment.chain;
    const { wallet } = chainClients(
      { rpcURL, chainId },
      environment.tenant.privateKey as `0x${string}`,
    );
    await wallet.writeContract({
      address: escrow as `0x${string}`,
      abi: gpuEscrowAbi,
      functionName: 'fund',
      args: [environment.providers[0]!.address as `0x${string}`, signer, 1, 1_000_000n],
    });
    await until();
  },
  'the chain reorganises': async (scene, until) => {
    let hasMoved = false;
    const moved = until().finally(() => {
      hasMoved = true;
    });
    // The operator must have seen the block that is replaced; it looks once a second.
    while (!hasMoved) {
      await callRpc(scene.federation.environment.chain.rpcURL, 'anvil_reorg', [2, []]);
      await delay(1_500);
    }
    await moved;
  },
  'the RPC is slow, then refuses': async (scene, until) => {
    scene.rpc.behave({ delayMs: 1_500 });
    const moved = until();
    await delay(6_000);
    scene.rpc.behave({ refuse: true });
    await moved.finally(() => scene.rpc.behave({}));
  },
  'the hub answers slowly, and writes with conflicts': async (scene, until) => {
    scene.hubProxy.inject([
      { match: { resource: 'gpujobs' }, times: 4, fault: { type: 'answer', status: 409 } },
      { match: { resource: 'gpuleases' }, times: 4, fault: { type: 'answer', status: 409 } },
      {
        match: { group: 'gridlease.dev', verb: ['create', 'update', 'patch'] },
        fault: { type: 'delay', milliseconds: 1_500 },
      },
    ]);
    await apply(scene, ...Array.from({ length: 8 }, (_, i) => aJob(`many-${i}`, 1, L40S)));
    await until().finally(() => scene.hubProxy.heal());
  },
  'the hub is cut off': async (scene, until) => {
    await run(scene, aJob('fenced', 3_000, L40S));
    // No kubelet confirms that a pod has gone: it is left.
    const kubelet = `${honest}-kwok`;
    scene.federation.processes.signal(kubelet, 'SIGSTOP');
    // What is at work in this moment fails; of a quiet hub nothing would.
    const dropped = scene.hubProxy.injected('dropBeforeSend');
    const match = { group: 'gridlease.dev', verb: ['create', 'update', 'patch'] } as const;
    scene.hubProxy.inject([{ match, fault: { type: 'dropBeforeSend' } }]);
    await apply(scene, ...Array.from({ length: 4 }, (_, i) => aJob(`cut-${i}`, 1, L40S)));
    const isAtWork = () => scene.hubProxy.injected('dropBeforeSend') >= dropped + 8;
    await waitFor(isAtWork, { what: 'writes that are dropped', timeoutMilliseconds: 30_000 });
    scene.hubProxy.inject([{ fault: { type: 'dropBeforeSend' } }]);
    scene.hubProxy.endWatches('freeze');
    await until().finally(() => {
      scene.hubProxy.heal();
      scene.federation.processes.signal(kubelet, 'SIGCONT');
    });
  },
  'a provider restarts with another price and a short token': async (scene, until) => {
    const { processes, providers } = scene.federation;
    const { dir } = providers.find(({ name }) => name === honest)!;
    const name = `${honest}-agent`;
    const config = JSON.parse(readFileSync(join(dir, `${name}.json`), 'utf8')) as object;
    const offers = [{ product: 'L40S', pricePerGPUHour: '1.80' }];
    const account = { namespace: `gridlease-provider-${honest}`, name: 'agent' };
    const token = await mintToken(scene.federation.hub.client, account, 900, {});
    const kubeconfig = join(dir, 'agent-hub.kubeconfig');
    await processes.kill(name);
    const known = readKubeconfig(kubeconfig).token;
    const text = readFileSync(kubeconfig, 'utf8');
    writeFileSync(kubeconfig, text.replace(known, token));
    writeFileSync(join(dir, `${name}.json`), JSON.stringify({ ...config, offers }));
    processes.startAgain(name);
    await until();
  },
  'a provider loses power': async (scene, until) => {
    await run(scene, aJob('lost', 3_000, L40S));
    // Some of it must be paid, or nothing is lost with it.
    freeze(scene.federation, honest);
    await until();
  },
  'all providers lose power': async (scene, until) => {
    freeze(scene.federation, cheat);
    await until().finally(() => {
      for (const name of [honest, cheat]) thaw(scene.federation, name);
    });
  },
};

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PodRecorder } from '../chaos/podRecorder.ts';
import { DEFAULT_PROVIDERS } from '../cluster/defaultProviders.ts';
import { type Federation, startFederation } from '../cluster/federation.ts';
import { interruptSignal } from '../cluster/interrupt.ts';
import { prepareRealNodes } from '../cluster/realNode/prepare.ts';
import { provideImages } from '../nodeScenes/images.ts';
import { type DemoArguments, demoArguments } from './arguments.ts';
import { forbiddenRequests } from './checker/audit.ts';
import { readChain } from './checker/chain.ts';
import { disagreements } from './checker/check.ts';
import {
  type Placement,
  placementDisagreements,
  readAnchoredRoots,
  type StoredTransaction,
} from './checker/placements.ts';
import { type DeliveredLease, deliveredLeases, type NodeList } from './checker/pods.ts';
import { getJson, type Kubectl, kubectlFor } from './kubectl.ts';
import { type RealResults, tellRealStory } from './realStory.ts';
import { receiptsOf, smallestUnits } from './receipts.ts';
import { type StoryEnd, watchStory } from './story.ts';
import { receiptTable, type Summary, summarise } from './summary.ts';
import { liveTable } from './table.ts';

const examples = ['single-gpu.yaml', 'array.yaml'].map((file) =>
  resolve(import.meta.dirname, '../../examples', file),
);
/** Two, so that a training and an array run side by side. */
const REAL_NODES = 2;
/** The dishonest agent runs at the provider that gets most of the array. */
const dishonestProvider = 'alpha';

type Outcome = { readonly summary: Summary; readonly problems: readonly string[] };

/** Tells the story once; its progress goes to standard error, so that standard output stays data. */
async function tellStory(
  { tamper, real }: Pick<DemoArguments, 'tamper' | 'real'>,
  signal: AbortSignal,
): Promise<Outcome> {
  const started = performance.now();
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-demo-'));
  const program = tamper && join(import.meta.dirname, 'dishonest', `${tamper}.ts`);
  let federation: Federation | undefined;
  const recording = new AbortController();
  try {
    federation = await startFederation({
      providers: real ? DEFAULT_PROVIDERS.slice(0, 2) : DEFAULT_PROVIDERS,
      realNodes: real ? REAL_NODES : 0,
      dir,
      audit: true,
      signal,
      ...(program ? { agentPrograms: { [dishonestProvider]: program } } : {}),
    });
    const ready = (performance.now() - started) / 1000;
    say(`federation ready in ${ready.toFixed(1)} s; applying jobs with kubectl`);
    const kubectl = kubectlFor(
      federation.assets.kubectl,
      federation.environment.hub.kubeconfig,
      signal,
    );
    const recorders = federation.providers.map(({ name, client }) => new PodRecorder(name, client));
    for (const recorder of recorders) void recorder.run(recording.signal);
    const { show } = liveTable(process.stderr);
    const end = real
      ? await tellRealStory({
          ...{ federation, kubectl, dir, say, show, signal },
          images: await provideImages(dir, federation.providers[0]!.realNodes),
        })
      : await tellSimulatedStory(federation, kubectl, show, signal, tamper ? 45 : 120);
    return await judge(federation, recorders, end, { ready, started }, signal);
  } finally {
    recording.abort();
    await federation?.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function tellSimulatedStory(
  federation: Federation,
  kubectl: Kubectl,
  show: (table: string) => void,
  signal: AbortSignal,
  /** A voucher may miss a round and then wait for the settler's pause; a dishonest agent is never paid. */
  moneySeconds: number,
): Promise<StoryEnd> {
  for (const file of examples) await kubectl('apply', '-f', file);
  const { namespace } = federation.environment.tenant;
  const timeoutSeconds = { jobs: 120, money: moneySeconds };
  return watchStory({ kubectl, namespace, show, signal, timeoutSeconds });
}

async function judge(
  federation: Federation,
  recorders: readonly PodRecorder[],
  end: StoryEnd & { readonly real?: RealResults },
  times: { readonly ready: number; readonly started: number },
  signal: AbortSignal,
): Promise<Outcome> {
  const { chain } = federation.environment;
  const story = await readChain({
    rpcURL: chain.rpcURL,
    escrow: chain.escrow as `0x${string}`,
    token: chain.token as `0x${string}`,
    signal,
  });
  const nameOf = new Map(
    federation.environment.providers.map((p) => [p.address.toLowerCase(), p.name] as const),
  );
  const receipts = receiptsOf(end.leases);
  // Pods of a story that did not end may still run; then there is nothing to measure yet.
  const problems = [
    ...(end.failures.length > 0
      ? end.failures
      : disagreements({
          delivered: await deliveredByAll(federation, recorders, signal),
          receipts,
          asks: federation.providers.flatMap(({ spec }) =>
            spec.offers.map((offer) => ({
              provider: spec.name,
              product: offer.product,
              price: smallestUnits(offer.pricePerGPUHour, 6),
            })),
          ),
          payments: story.payments.map((payment) => ({
            ...payment,
            provider: nameOf.get(payment.provider) ?? payment.provider,
          })),
          ledger: story.ledger,
          forbidden: forbiddenRequests(federation.auditFiles),
        })),
  ];
  if (problems.length === 0) problems.push(...(await placementsOf(federation, signal)));
  const seconds = {
    ready: times.ready,
    ...end.seconds,
    total: (performance.now() - times.started) / 1000,
  };
  const summary = summarise({ jobs: end.jobs, receipts, story, seconds, real: end.real });
  say(`\n${receiptTable(receipts, story.transactions)}\n`);
  return { summary, problems };
}

/** Whether every placement is anchored; the last batch may be a few seconds away. */
async function placementsOf(
  { environment, assets }: Federation,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { hub, tenant, chain } = environment;
  const kubectl = kubectlFor(assets.kubectl, hub.kubeconfig, signal);
  const deadline = performance.now() + 20_000;
  for (;;) {
    const [placements, transactions, system, roots] = await Promise.all([
      getJson<{ items: Placement[] }>(kubectl, 'placementrecords', '-n', tenant.namespace),
      getJson<{ items: StoredTransaction[] }>(kubectl, 'chaintransactions', '-A'),
      getJson<{ metadata: { uid: string } }>(kubectl, 'namespace', 'kube-system'),
      readAnchoredRoots({ rpcURL: chain.rpcURL, anchor: chain.anchor as `0x${string}`, signal }),
    ]);
    const found = placementDisagreements({
      hubUid: system.metadata.uid,
      placements: placements.items,
      transactions: transactions.items,
      roots,
    });
    if (found.length === 0 || performance.now() > deadline) return found;
    await sleep(500, undefined, { signal });
  }
}

/** From the pods as they were last seen: those of a service are gone once it was deleted. */
async function deliveredByAll(
  federation: Federation,
  recorders: readonly PodRecorder[],
  signal: AbortSignal,
): Promise<readonly DeliveredLease[]> {
  const perProvider = await Promise.all(
    federation.environment.providers.map(async ({ name, kubeconfig }, index) => {
      const kubectl = kubectlFor(federation.assets.kubectl, kubeconfig, signal);
      const recorder = recorders[index]!;
      const [nodes] = await Promise.all([getJson<NodeList>(kubectl, 'nodes'), recorder.refresh()]);
      return deliveredLeases(name, { items: recorder.pods() }, nodes);
    }),
  );
  return perProvider.flat();
}

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

try {
  const options = demoArguments(process.argv.slice(2));
  const signal = interruptSignal();
  const support = options.real ? await prepareRealNodes({ signal }) : { supported: true as const };
  if (!support.supported) {
    say(`Skipped: no real container can run here (${support.reason}). Simulated nodes go on.`);
  }
  const real = options.real && support.supported;
  const { summary, problems } = await tellStory({ ...options, real }, signal);
  for (const problem of problems) say(`✗ ${problem}`);
  if (problems.length === 0) {
    say(
      '✓ pods, receipts and chain agree: every GPU-millisecond, every token unit, every placement',
    );
  }
  if (options.json) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  process.exit(problems.length === 0 ? 0 : 1);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_PROVIDERS } from '../cluster/defaultProviders.ts';
import { type Federation, startFederation } from '../cluster/federation.ts';
import { interruptSignal } from '../cluster/interrupt.ts';
import { demoArguments, type Tampering } from './arguments.ts';
import { forbiddenRequests } from './checker/audit.ts';
import { readChain } from './checker/chain.ts';
import { disagreements } from './checker/check.ts';
import {
  type Placement,
  placementDisagreements,
  readAnchoredRoots,
  type StoredTransaction,
} from './checker/placements.ts';
import {
  type DeliveredLease,
  deliveredLeases,
  type NodeList,
  type PodList,
} from './checker/pods.ts';
import { getJson, kubectlFor } from './kubectl.ts';
import { receiptsOf, smallestUnits } from './receipts.ts';
import { type StoryEnd, watchStory } from './story.ts';
import { receiptTable, type Summary, summarise } from './summary.ts';
import { liveTable } from './table.ts';

const examples = ['single-gpu.yaml', 'array.yaml'].map((file) =>
  resolve(import.meta.dirname, '../../examples', file),
);
/** The dishonest agent runs at the provider that gets most of the array. */
const dishonestProvider = 'alpha';

type Outcome = { readonly summary: Summary; readonly problems: readonly string[] };

/** Tells the story once; its progress goes to standard error, so that standard output stays data. */
async function tellStory(tamper: Tampering | undefined, signal: AbortSignal): Promise<Outcome> {
  const started = performance.now();
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-demo-'));
  const program = tamper && join(import.meta.dirname, 'dishonest', `${tamper}.ts`);
  let federation: Federation | undefined;
  try {
    federation = await startFederation({
      providers: DEFAULT_PROVIDERS,
      dir,
      audit: true,
      signal,
      ...(program ? { agentPrograms: { [dishonestProvider]: program } } : {}),
    });
    const ready = (performance.now() - started) / 1000;
    say(`federation ready in ${ready.toFixed(1)} s; applying ${examples.length} jobs with kubectl`);
    const kubectl = kubectlFor(
      federation.assets.kubectl,
      federation.environment.hub.kubeconfig,
      signal,
    );
    for (const file of examples) await kubectl('apply', '-f', file);
    const table = liveTable(process.stderr);
    const end = await watchStory({
      kubectl,
      namespace: federation.environment.tenant.namespace,
      show: table.show,
      signal,
      timeoutSeconds: { jobs: 120, money: 45 },
    });
    return await judge(federation, end, { ready, started }, signal);
  } finally {
    await federation?.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function judge(
  federation: Federation,
  end: StoryEnd,
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
          delivered: await deliveredByAll(federation, signal),
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
  const summary = summarise({ jobs: end.jobs, receipts, story, seconds });
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

async function deliveredByAll(
  federation: Federation,
  signal: AbortSignal,
): Promise<readonly DeliveredLease[]> {
  const perProvider = await Promise.all(
    federation.environment.providers.map(async ({ name, kubeconfig }) => {
      const kubectl = kubectlFor(federation.assets.kubectl, kubeconfig, signal);
      const [pods, nodes] = await Promise.all([
        getJson<PodList>(kubectl, 'pods', '-A'),
        getJson<NodeList>(kubectl, 'nodes'),
      ]);
      return deliveredLeases(name, pods, nodes);
    }),
  );
  return perProvider.flat();
}

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

try {
  const options = demoArguments(process.argv.slice(2));
  const { summary, problems } = await tellStory(options.tamper, interruptSignal());
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

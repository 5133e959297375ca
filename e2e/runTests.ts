import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chartObstacle } from './charts/obstacle.ts';
import { ensureAssets } from './cluster/assets.ts';
import { DEFAULT_PROVIDERS } from './cluster/defaultProviders.ts';
import { startFederation } from './cluster/federation.ts';
import { interruptSignal } from './cluster/interrupt.ts';
import { prepareRealNodes } from './cluster/realNode/prepare.ts';
import { NO_REAL_NODE, type RealNodeSupport } from './cluster/realNode/support.ts';
import { withTestClusters } from './cluster/testEnvironment.ts';
import { startTraceReceiver } from './cluster/traceReceiver.ts';
import { tamperings } from './demo/arguments.ts';
import { gate, jest, type RunOptions, refusal, type StepResult } from './gates/step.ts';
import { provideImages } from './nodeScenes/images.ts';

/**
 * `npm test`: everything CI runs. Its last line is "N passed, N failed", its exit status 1 when
 * anything failed. `-- --times` prints the slowest ten; `-- --only NAME` runs the steps whose name
 * contains NAME; further words are passed to jest as patterns.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { times: { type: 'boolean', default: false }, only: { type: 'string' } },
});

const node = process.execPath;
const signal = interruptSignal();

type Step = { readonly name: string; readonly run: (options: RunOptions) => Promise<StepResult> };
const aGate = (name: string, command: readonly string[], timeoutSeconds = 600): Step => ({
  name,
  run: (options) => gate(name, command, { ...options, timeoutSeconds }),
});

/** Cheap before dear: who breaks a type learns it in seconds. */
const gates: readonly Step[] = [
  aGate('biome', ['npx', 'biome', 'check', '--error-on-warnings', '.']),
  aGate('types', ['npx', 'tsc', '--noEmit']),
  aGate('CRDs are generated from their source', [node, 'crds/src/build.ts', '--check']),
  aGate('charts are generated from their source', [node, 'charts/src/build.ts', '--check']),
  // Builds Helm where there is none.
  aGate('charts pass helm lint', [node, 'charts/src/lint.ts'], 1_200),
  aGate('contracts are compiled from their source', [node, 'contracts/build.ts', '--check']),
  aGate('forge', [node, 'contracts/forge.ts'], 900),
  aGate('contracts are formatted', [node, 'contracts/forge.ts', 'fmt', '--check']),
];

const jestStep: Step = {
  name: 'jest',
  run: (options) =>
    withTestClusters(
      (envFile) =>
        jest(
          'jest',
          [
            // Of two cores: most of these tests wait most of the time.
            '--maxWorkers=3',
            '--testPathIgnorePatterns=/e2e/scenarios/',
            '--testPathIgnorePatterns=\\.(node|chart)\\.test\\.ts$',
            ...positionals,
          ],
          { ...options, env: { GRIDLEASE_TEST_ENV: envFile } },
        ),
      { signal },
    ),
};

const scenarios: Step = {
  name: 'scenarios',
  run: (options) =>
    withFederation((dir) =>
      jest('scenarios', ['--runInBand', 'e2e/scenarios', ...positionals], {
        ...options,
        env: { GRIDLEASE_FEDERATION: dir },
      }),
    ),
};

const realNode: Step = {
  name: 'real node',
  run: (options) =>
    withRealNode((env) =>
      jest(
        'real node',
        ['--runInBand', '--testPathPatterns=\\.node\\.test\\.ts$', ...positionals],
        { ...options, env },
      ),
    ),
};

/** Helm runs everything, on clusters of its own; skipped where it can't, with the reason. */
const charts: Step = {
  name: 'installed by Helm',
  async run(options) {
    const reason = await chartObstacle({ signal });
    const patterns = ['--maxWorkers=2', '--testPathPatterns=\\.chart\\.test\\.ts$', ...positionals];
    const env = reason === undefined ? {} : { [NO_REAL_NODE]: reason };
    return jest(charts.name, patterns, { ...options, env });
  },
};

/** One federation with real containers for all tests that need some; none where none can run: they say why. */
async function withRealNode<T>(
  work: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const support = await realNodes();
  if (!support.supported) return work({ [NO_REAL_NODE]: support.reason });
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-node-'));
  try {
    await using federation = await startFederation({
      providers: DEFAULT_PROVIDERS.slice(0, 1),
      realNodes: 1,
      agentReplicas: 2,
      // So that the tasks of a test run side by side: most of their time they wait.
      gpusPerRealNode: 12,
      dir,
      signal,
    });
    await provideImages(dir, federation.providers[0]!.realNodes);
    return await work({ GRIDLEASE_FEDERATION: dir });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** One federation for all scenarios; it ends whatever happens. */
async function withFederation<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-scenes-'));
  try {
    await using receiver = await startTraceReceiver(dir);
    const operatorSettings = { tracing: { endpoint: receiver.url } };
    // Beside the defaults that the demo shows: gas is weighed, and earnings are paid out.
    const agentSettings = {
      ...operatorSettings,
      redeem: {
        minAmount: '0',
        maxDelaySeconds: 5,
        nativePrice: '2000',
        withdrawAbove: '0.000001',
      },
    };
    await using _federation = await startFederation({
      providers: DEFAULT_PROVIDERS,
      dir,
      signal,
      operatorSettings,
      agentSettings,
    });
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const demo = aGate('the demo tells an honest story', [node, 'e2e/demo/main.ts', '--json'], 300);

const realDemo: Step = {
  name: 'the demo tells it with real containers',
  async run(options) {
    const { name } = realDemo;
    const none = { name, passed: 0, failed: 0, skipped: 1, seconds: 0, times: [] };
    if (!(await realNodes()).supported) return none;
    return gate(name, [node, 'e2e/demo/main.ts', '--real', '--json'], {
      ...options,
      timeoutSeconds: 400,
    });
  },
};

const dishonestDemos: readonly Step[] = tamperings.map((tampering) => ({
  name: `the demo exposes a dishonest ${tampering}`,
  run: (options) =>
    refusal(
      `the demo exposes a dishonest ${tampering}`,
      [node, 'e2e/demo/main.ts', '--tamper', tampering],
      new RegExp(`^✗ ${tampering}: `, 'm'),
      { ...options, timeoutSeconds: 300 },
    ),
}));

let prepared: Promise<RealNodeSupport> | undefined;

/** Builds what real nodes need, once; says why where none can run. */
function realNodes(): Promise<RealNodeSupport> {
  prepared ??= prepareRealNodes({ signal }).then((support) => {
    if (!support.supported) {
      process.stderr.write(`   skipped, for no real node can run here: ${support.reason}\n`);
    }
    return support;
  });
  return prepared;
}

/** Never rejects: what a step throws is a failure, and is printed. */
async function runStep(step: Step): Promise<StepResult> {
  process.stderr.write(`── ${step.name}\n`);
  const result = await step.run({ signal }).catch((cause: unknown): StepResult => {
    process.stderr.write(
      `${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`,
    );
    return { name: step.name, passed: 0, failed: 1, skipped: 0, seconds: 0, times: [] };
  });
  const outcome = result.failed === 0 ? 'passed' : 'FAILED';
  process.stderr.write(`   ${outcome} in ${result.seconds.toFixed(1)} s: ${step.name}\n`);
  return result;
}

const isWanted = ({ name }: Step) => values.only === undefined || name.includes(values.only);
// Side by side where each mostly waits; each has clusters, ports and a folder of its own.
const groups: readonly (readonly Step[])[] = [
  ...gates.map((step) => [step]),
  [jestStep, realNode],
  [scenarios, demo, realDemo, charts],
  dishonestDemos,
];
const names = groups.flat().map(({ name }) => name);
if (!groups.flat().some(isWanted)) {
  process.stderr.write(
    `No step has "${values.only}" in its name; these are: ${names.join(', ')}\n`,
  );
}
const results: StepResult[] = [];
for (const group of groups) {
  const steps = group.filter(isWanted);
  // Built before anything that has time limits runs beside it.
  if (steps.some((step) => !gates.includes(step))) await ensureAssets({ signal });
  if (steps.includes(realNode) || steps.includes(realDemo)) await realNodes();
  if (steps.includes(charts)) await chartObstacle({ signal });
  if (!signal.aborted) results.push(...(await Promise.all(steps.map(runStep))));
}

if (values.times) {
  const times = results.flatMap((result) => result.times).sort((a, b) => b.seconds - a.seconds);
  for (const { name, seconds } of times.slice(0, 10)) {
    process.stdout.write(`${seconds.toFixed(1).padStart(7)} s  ${name}\n`);
  }
}
const sum = (pick: (result: StepResult) => number) =>
  results.reduce((total, r) => total + pick(r), 0);
const passed = sum((result) => result.passed);
const failed = sum((result) => result.failed) + (signal.aborted ? 1 : 0);
const skipped = sum((result) => result.skipped);
process.stdout.write(
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

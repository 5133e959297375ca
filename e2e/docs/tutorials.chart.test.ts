import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DEFAULT_PROVIDERS } from '../cluster/defaultProviders.ts';
import { type Federation, startFederation } from '../cluster/federation.ts';
import { ensureHelm } from '../cluster/helmAsset.ts';
import { ROOT } from '../cluster/paths.ts';
import { readProcessBook } from '../cluster/processBook.ts';
import { silentProgress } from '../cluster/progress.ts';
import { prometheusObstacle } from '../cluster/prometheusAsset.ts';
import { stopProcesses } from '../cluster/stopProcesses.ts';
import { describeOnRealNode } from '../nodeScenes/nodeScene.ts';
import { runPage } from './runPage.ts';
import { notPrinted } from './shellBlocks.ts';

const minutes = (count: number) => count * 60_000;

describeOnRealNode('The tutorials that begin with charts', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-tutorials-'));
  let federation: Federation | undefined;

  beforeAll(async () => {
    await ensureHelm({ progress: silentProgress });
    // As `npm run up` does it with the options that the page names.
    federation = await startFederation({
      ...{ dir, realNodes: 1, hubRealNodes: 1, programs: 'none', progress: silentProgress },
      providers: DEFAULT_PROVIDERS.slice(0, 1),
    });
  }, minutes(5));
  afterAll(async () => {
    // What the pages have started besides: `npm run down` finds it in the same place.
    await stopProcesses(readProcessBook(join(dir, 'monitor')));
    await federation?.stop();
    rmSync(dir, { recursive: true, force: true });
  }, minutes(2));

  /** Types a page into a shell as it stands; the promises of what it prints that were not kept. */
  const brokenPromises = async (path: string, leaveOut: readonly string[]) => {
    // What the pages keep in folders of mktemp goes with the rest.
    const env = { ...process.env, GRIDLEASE_FEDERATION: dir, TMPDIR: dir };
    const ran = await runPage({ path, cwd: ROOT, env, leaveOut, timeoutSeconds: 840 });
    return ran.flatMap((block) =>
      notPrinted(block, block.output).map(
        (line) => `${path}:${block.line} does not print: ${line}\n--- but:\n${block.output}`,
      ),
    );
  };

  test(
    'the provider’s: the agent is installed, runs a job and is paid',
    async () => {
      const path = 'docs/tutorials/provider.md';
      expect(await brokenPromises(path, ['npm run up', 'npm run down'])).toEqual([]);
    },
    minutes(15),
  );

  const obstacle = prometheusObstacle();
  const testWithPrometheus = obstacle === undefined ? test : test.skip;
  testWithPrometheus(
    `the SRE’s: an alert fires, its runbook mends it, the dashboard is green${obstacle === undefined ? '' : ` (${obstacle})`}`,
    async () => {
      expect(await brokenPromises('docs/tutorials/sre.md', [])).toEqual([]);
    },
    minutes(15),
  );
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DEFAULT_PROVIDERS } from '../cluster/defaultProviders.ts';
import { type Federation, startFederation } from '../cluster/federation.ts';
import { ensureHelm } from '../cluster/helmAsset.ts';
import { readProcessBook } from '../cluster/processBook.ts';
import { silentProgress } from '../cluster/progress.ts';
import { prometheusObstacle } from '../cluster/prometheusAsset.ts';
import { stopProcesses } from '../cluster/stopProcesses.ts';
import { describeOnRealNode } from '../nodeScenes/nodeScene.ts';
import { runTutorial } from './tutorial.ts';

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

  test(
    'the provider’s: the agent is installed, runs a job and is paid',
    async () => {
      const { brokenPromises } = await runTutorial('docs/tutorials/provider.md', {
        ...{ dir, timeoutSeconds: 840, leaveOut: ['npm run up', 'npm run down'] },
      });
      expect(brokenPromises).toEqual([]);
    },
    minutes(15),
  );

  const obstacle = prometheusObstacle();
  const testWithPrometheus = obstacle === undefined ? test : test.skip;
  testWithPrometheus(
    `the SRE’s: an alert fires, its runbook mends it, the dashboard is green${obstacle === undefined ? '' : ` (${obstacle})`}`,
    async () => {
      const { brokenPromises } = await runTutorial('docs/tutorials/sre.md', {
        ...{ dir, timeoutSeconds: 840, leaveOut: [] },
      });
      expect(brokenPromises).toEqual([]);
    },
    minutes(15),
  );
});

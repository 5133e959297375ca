import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureHelm } from '@gridlease/e2e/cluster/helmAsset';
import { repository } from './repository.ts';
import { CHARTS } from './values/charts.ts';

/** `node charts/src/lint.ts`: helm lint --strict of every chart with its own defaults. Exits 1 when one fails. */
const helm = await ensureHelm();
const folders = CHARTS.map(({ name }) => join(repository, 'charts', name));
const { status } = spawnSync(helm, ['lint', '--strict', ...folders], { stdio: 'inherit' });
process.exitCode = status === 0 ? 0 : 1;

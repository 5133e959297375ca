import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { interruptSignal } from '../cluster/interrupt.ts';
import { ROOT } from '../cluster/paths.ts';
import { columns } from '../demo/table.ts';
import { runTest } from './runTest.ts';
import { planted, SABOTAGES, type Sabotage } from './sabotages.ts';
import { copyTree } from './treeCopy.ts';

/**
 * `npm run planted [-- --only NAME]`: plants one sabotage at a time into a copy of the tree and shows that the named
 * test turns red. Exits with 1 when one survives, or when its test is not green without it.
 */
const { values } = parseArgs({ options: { only: { type: 'string' } } });
const signal = interruptSignal();
const chosen = SABOTAGES.filter(({ name }) => name.includes(values.only ?? ''));
if (chosen.length === 0) {
  const names = SABOTAGES.map(({ name }) => name).join(', ');
  process.stderr.write(`no sabotage is called "${values.only}": use one of ${names}\n`);
  process.exit(1);
}

const tree = mkdtempSync(join(tmpdir(), 'gridlease-planted-'));

/** What became of one sabotage: 'caught', or why it wasn't. */
async function plant(sabotage: Sabotage, green: ReadonlySet<string>): Promise<string> {
  const { name } = sabotage.test;
  if (![...green].some((passed) => passed.startsWith(name)))
    return 'its test is not green without it';
  const file = join(tree, sabotage.file);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, planted(text, sabotage));
  try {
    const { failed, passed, said } = await runTest(tree, [sabotage.test.file], { name, signal });
    if (failed.length > 0) return 'caught';
    return passed.length > 0 ? 'SURVIVED' : `its test did not run: ${said.slice(0, 300)}`;
  } finally {
    writeFileSync(file, text);
  }
}

const rows: string[][] = [];
try {
  copyTree(ROOT, tree);
  const files = [...new Set(chosen.map(({ test }) => test.file))];
  const { passed } = await runTest(tree, files, { signal });
  for (const sabotage of chosen) {
    const result = await plant(sabotage, new Set(passed)).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    process.stderr.write(`${result === 'caught' ? '✓' : '✗'} ${sabotage.name}\n`);
    rows.push([sabotage.name, result, sabotage.file, sabotage.test.name]);
  }
} finally {
  rmSync(tree, { recursive: true, force: true });
}
const caught = rows.filter(([, result]) => result === 'caught').length;
process.stdout.write(`${columns([['SABOTAGE', 'RESULT', 'WHERE', 'RED TEST'], ...rows])}\n`);
process.stdout.write(`${caught} of ${rows.length} caught\n`);
process.exit(caught === rows.length ? 0 : 1);

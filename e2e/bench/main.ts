import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { interruptSignal } from '../cluster/interrupt.ts';
import { benchArguments } from './arguments.ts';
import { dispatchBench } from './dispatch.ts';
import { dispatchTables } from './report.ts';

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** `npm run bench -- NAME [--json]`: progress on standard error, the result on standard output. */
async function main(): Promise<void> {
  const options = benchArguments(process.argv.slice(2));
  const dir =
    options.dir === undefined
      ? mkdtempSync(join(tmpdir(), 'gridlease-bench-'))
      : resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  try {
    const report = await dispatchBench(options, { dir, say, signal: interruptSignal() });
    const text = options.json ? JSON.stringify(report, null, 2) : dispatchTables(report);
    process.stdout.write(`${text}\n`);
  } finally {
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
  }
}

try {
  await main();
  process.exit(0);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

import { parseArgs } from 'node:util';
import { describeError } from '@gridlease/kube/errors';
import { preflightReport } from '@gridlease/kube/preflight';
import { readOperatorConfig } from './config.ts';
import { runOperator } from './operator.ts';
import { checkOperator } from './preflight.ts';

/** With `--check SECONDS` it only looks, for so long, whether what it needs is there; 0 once it is, else 1. */
const usage = 'Usage: node operator/src/main.ts --config FILE [--check SECONDS]';
/** A stop that takes longer is a hang; the objects hold everything that counts. */
const longestStopMs = 4_500;

try {
  const { values } = parseArgs({
    options: { config: { type: 'string' }, check: { type: 'string' } },
  });
  if (values.config === undefined) throw new Error(usage);
  const config = readOperatorConfig(values.config);
  const stopping = new AbortController();
  const stop = (): void => {
    stopping.abort(new Error('The operator was asked to stop'));
    setTimeout(() => process.exit(0), longestStopMs).unref();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const { signal } = stopping;
  if (values.check !== undefined) {
    const timeoutMs = Number(values.check) * 1_000;
    const results = await checkOperator({ config, timeoutMs, signal });
    process.stdout.write(preflightReport(results));
    process.exit(results.every(({ problem }) => problem === undefined) ? 0 : 1);
  }
  await runOperator({ config, signal });
  process.exit(0);
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exit(1);
}

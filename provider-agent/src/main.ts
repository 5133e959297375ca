import { parseArgs } from 'node:util';
import { describeError } from '@gridlease/kube/errors';
import { preflightReport } from '@gridlease/kube/preflight';
import { runAgent } from './agent.ts';
import { loadConfig } from './config.ts';
import { checkAgent } from './preflight.ts';

/**
 * `node main.ts --config FILE`: runs one provider's agent until SIGTERM or SIGINT, then exits 0. With `--check SECONDS`
 * it only looks, for so long, whether what it needs is there, and exits 0 once it is, else 1.
 */
const { values } = parseArgs({
  options: { config: { type: 'string' }, check: { type: 'string' } },
});
const stop = new AbortController();
/** A stop that takes longer is a hang; what was under way is repeated at the next start. */
const longestStopMs = 4_500;
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => {
    stop.abort(new Error(`received ${name}`));
    setTimeout(() => process.exit(0), longestStopMs).unref();
  });
}

try {
  if (values.config === undefined) throw new Error('give --config FILE');
  const config = loadConfig(values.config);
  const { signal } = stop;
  if (values.check !== undefined) {
    const timeoutMs = Number(values.check) * 1_000;
    const results = await checkAgent({ config, timeoutMs, signal });
    process.stdout.write(preflightReport(results));
    process.exit(results.every(({ problem }) => problem === undefined) ? 0 : 1);
  }
  await runAgent({ config, signal });
  process.exit(0);
} catch (error) {
  process.stderr.write(`provider-agent: ${describeError(error)}\n`);
  process.exit(1);
}

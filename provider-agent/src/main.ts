import { parseArgs } from 'node:util';
import { describeError } from '@gridlease/kube/errors';
import { runAgent } from './agent.ts';
import { loadConfig } from './config.ts';

/** `node main.ts --config FILE`: runs one provider's agent until SIGTERM or SIGINT, then exits 0. */
const { values } = parseArgs({ options: { config: { type: 'string' } } });
const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => stop.abort(new Error(`received ${name}`)));
}

try {
  if (values.config === undefined) throw new Error('give --config FILE');
  await runAgent({ config: loadConfig(values.config), signal: stop.signal });
  process.exit(0);
} catch (error) {
  process.stderr.write(`provider-agent: ${describeError(error)}\n`);
  process.exit(1);
}

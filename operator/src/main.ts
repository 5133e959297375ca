import { parseArgs } from 'node:util';
import { describeError } from '@gridlease/kube/errors';
import { readOperatorConfig } from './config.ts';
import { runOperator } from './operator.ts';

const usage = 'Usage: node operator/src/main.ts --config FILE';
/** A stop that takes longer is a hang; the objects hold everything that counts. */
const longestStopMs = 4_500;

try {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  if (values.config === undefined) throw new Error(usage);
  const config = readOperatorConfig(values.config);
  const stopping = new AbortController();
  const stop = (): void => {
    stopping.abort(new Error('The operator was asked to stop'));
    setTimeout(() => process.exit(0), longestStopMs).unref();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await runOperator({ config, signal: stopping.signal });
  process.exit(0);
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exit(1);
}

import { parseArgs } from 'node:util';
import { runAgent } from '@gridlease/provider-agent/agent';
import { loadConfig } from '@gridlease/provider-agent/config';
import type { Transforms } from '@gridlease/provider-agent/stageContext';
import { interruptSignal } from '../../cluster/interrupt.ts';

/** The real agent with one lie built in: what `npm run demo -- --tamper` puts in a provider's place. */
export async function runDishonestAgent(transforms: Transforms): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  if (values.config === undefined) throw new Error('--config FILE is missing');
  await runAgent({ config: loadConfig(values.config), signal: interruptSignal(), transforms });
}

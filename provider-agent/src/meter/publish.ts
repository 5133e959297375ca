import { updateStatus } from '@gridlease/kube/apply';
import { Controller } from '@gridlease/kube/controller';
import type { MeterDeps } from './deps.ts';
import type { MeterMetrics } from './metrics.ts';

/**
 * Carries the last stored statement of each channel to the hub. Apart from making it: while a hub can't
 * be reached the meter goes on, and when it is back the newest statement is published, the ones
 * between are not needed.
 */
export function createPublisher(deps: MeterDeps, metrics: MeterMetrics): Controller {
  const { records, log, registry } = deps;
  const { channels } = deps.informers;

  const controller = new Controller({
    name: 'meter-publish',
    queue: { baseDelayMs: 250, maxDelayMs: 5_000 },
    concurrency: 4,
    log,
    registry,
    async reconcile(key, { signal }) {
      const channel = channels.get(key);
      const record = channel && records.get(channel.metadata.name);
      if (channel === undefined || record?.statement === undefined) return;
      const { statement, rows } = record;
      if (channel.spec.generation !== record.channel.generation) return;
      const shown = channel.status?.statement;
      if (shown?.hash === statement.hash) return;
      // Another replica has stored a later one, and this one has not read it yet: going back to ours
      // would have the hub answer a statement that was answered already.
      if (shown !== undefined && isLaterOfOurs(shown, statement)) return;
      await updateStatus({
        client: deps.clients.channels,
        informer: channels,
        object: channel,
        fieldManager: 'gridlease-agent-meter',
        mutate: (current) => ({ ...current.status, statement, rows }),
        signal,
      });
      metrics.statements.inc({ result: 'published' });
    },
  });
  controller.watch(channels);
  return controller;
}

type Numbered = { readonly agent: string; readonly seq: string };

/** Numbers rise over all generations, since they are times: only one of our own can be later. */
function isLaterOfOurs(shown: Numbered, stored: Numbered): boolean {
  return (
    shown.agent.toLowerCase() === stored.agent.toLowerCase() &&
    BigInt(shown.seq) > BigInt(stored.seq)
  );
}

import type { ProcessRecord } from './processBook.ts';
import { isRunning } from './processIdentity.ts';
import { waitFor } from './waitFor.ts';

const signalGroup = (record: ProcessRecord, signal: NodeJS.Signals): void => {
  if (!isRunning(record)) return;
  try {
    process.kill(-record.pid, signal);
  } catch {
    // It ended between the look and the call, which is what was wanted.
  }
};

/**
 * Ends exactly these processes with their groups: the highest layer first, SIGTERM, and SIGKILL to what is left
 * after a grace. A kube-apiserver keeps its port for a minute while watches are open, so lower layers get less.
 */
export const stopProcesses = async (records: readonly ProcessRecord[]): Promise<void> => {
  const own = records.filter((record) => record.layer === 3);
  const lower = records.filter((record) => record.layer < 3);
  for (const [group, graceMilliseconds] of [
    [own, 6_000],
    [lower, 2_000],
  ] as const) {
    for (const record of group) signalGroup(record, 'SIGTERM');
    const allEnded = () => group.every((record) => !isRunning(record));
    await waitFor(allEnded, {
      what: 'the end of processes',
      timeoutMilliseconds: graceMilliseconds,
      intervalMilliseconds: 25,
    }).catch(() => {
      // Grace is over; the signal below can't be ignored.
    });
    for (const record of group) signalGroup(record, 'SIGKILL');
    await waitFor(allEnded, { what: 'the end of killed processes', intervalMilliseconds: 25 });
  }
};

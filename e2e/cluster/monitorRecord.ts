import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `npm run monitor` has started for a federation; the shells of that federation find it here. */
export type Monitor = {
  readonly url: string;
  readonly pid: number;
  /** Folder of promtool. */
  readonly programs: string;
};

const monitorFile = (dir: string): string => join(dir, 'monitor.json');

export const writeMonitor = (dir: string, monitor: Monitor): void =>
  writeFileSync(monitorFile(dir), JSON.stringify(monitor));

export const readMonitor = (dir: string): Monitor | undefined => {
  try {
    return JSON.parse(readFileSync(monitorFile(dir), 'utf8')) as Monitor;
  } catch {
    // Nobody has started one.
    return undefined;
  }
};

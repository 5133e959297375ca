import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Process ids here of those in a process-id namespace, by their ids in there. */
export const processesInNamespace = (namespace: string): ReadonlyMap<number, number> => {
  const found = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      if (readlinkSync(`/proc/${entry}/ns/pid`) !== namespace) continue;
      const ids = /^NSpid:\s*(.*)$/m.exec(readFileSync(`/proc/${entry}/status`, 'utf8'))?.[1];
      const inner = ids?.split(/\s+/).at(-1);
      if (inner !== undefined) found.set(Number(inner), Number(entry));
    } catch {
      // Ended while it was looked at.
    }
  }
  return found;
};

/** The namespace that the children of `unshare --pid --fork` are in. */
export const namespaceOfChildren = (pid: number): string =>
  readlinkSync(`/proc/${pid}/ns/pid_for_children`);

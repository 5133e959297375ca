import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { dirname } from 'node:path';
import { describeError } from '@gridlease/kube/errors';
import type { Logger } from '@gridlease/kube/log';
import { z } from 'zod';

/** A renewal and for how many milliseconds it has been the last one seen. */
export type Remembered = { readonly renewTime: string; readonly ageMs: number };

/** What outlives the program of the heartbeats it has seen, per provider namespace. */
export type HeartbeatMemory = {
  recall(): ReadonlyMap<string, Remembered>;
  /** Stores what `ages` says, unless it was stored a moment ago. */
  note(ages: () => ReadonlyMap<string, Remembered>): void;
  /** Resolves when nothing is being written. */
  readonly written: Promise<void>;
};

/** Time on a clock that goes on while programs don't run: milliseconds since this machine started. */
export type Uptime = { readonly bootId: string; ms(): number };

/** This machine's; a machine that doesn't tell its boots apart remembers nothing. */
export function machineUptime(): Uptime | undefined {
  try {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { bootId, ms: () => uptime() * 1_000 };
  } catch {
    // Not Linux: every silence begins anew with the program, which is the safe direction.
    return undefined;
  }
}

const fileSchema = z.strictObject({
  bootId: z.string().min(1),
  heartbeats: z.record(
    z.string(),
    z.strictObject({ renewTime: z.string(), seenAtUptimeMs: z.number() }),
  ),
});

/** Agents renew every 10 s; a note that is a little old only makes a silence seem shorter. */
const pauseMs = 5_000;

/**
 * Keeps the heartbeats in a file. A silence that began before a restart on the same boot goes on; on
 * another boot, or when the file can't be read, it begins at 0: a job is replaced later, never sooner.
 */
export function heartbeatFile(options: {
  readonly path: string;
  readonly log: Logger;
  readonly machine?: Uptime | undefined;
}): HeartbeatMemory {
  const { path, log, machine = machineUptime() } = options;
  let storedMs = Number.NEGATIVE_INFINITY;
  let writing: Promise<void> = Promise.resolve();

  async function store(file: z.input<typeof fileSchema>): Promise<void> {
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.new`, JSON.stringify(file));
      await rename(`${path}.new`, path);
    } catch (error) {
      log.warn({ path, error: describeError(error) }, 'Heartbeats were not noted');
    }
  }

  return {
    recall() {
      const known = new Map<string, Remembered>();
      if (machine === undefined) return known;
      const file = read(path);
      if (file?.bootId !== machine.bootId) return known;
      for (const [namespace, { renewTime, seenAtUptimeMs }] of Object.entries(file.heartbeats)) {
        const ageMs = machine.ms() - seenAtUptimeMs;
        if (ageMs >= 0) known.set(namespace, { renewTime, ageMs });
      }
      return known;
    },
    note(ages) {
      if (machine === undefined || machine.ms() - storedMs < pauseMs) return;
      storedMs = machine.ms();
      const heartbeats = Object.fromEntries(
        [...ages()].map(([namespace, { renewTime, ageMs }]) => [
          namespace,
          { renewTime, seenAtUptimeMs: storedMs - ageMs },
        ]),
      );
      writing = writing.then(() => store({ bootId: machine.bootId, heartbeats }));
    },
    get written() {
      return writing;
    },
  };
}

function read(path: string): z.output<typeof fileSchema> | undefined {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // The first start, or a file cut short: the same as remembering nothing.
    return undefined;
  }
}

import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Clock } from '@gridlease/kube/clock';
import { toMicroTime } from '@gridlease/kube/conditions';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { CoordinationLease } from './heartbeat.ts';

/** The clock of the machine, the same for all its processes; it goes on while the machine sleeps. */
export type BootClock = {
  /** Another one after each start of the machine; undefined where it can't be told. */
  readonly bootId: string | undefined;
  /** Milliseconds since the machine was started. */
  uptimeMs(): number;
};

export const systemBootClock: BootClock = {
  bootId: readBootId(),
  uptimeMs: () => uptime() * 1000,
};

/** When the hub was renewed last, kept in the provider's own cluster for the other replicas. */
export type RenewalRecord = {
  /** Monotonic milliseconds of this process, a lower bound of the time of sending; undefined: none. */
  read(signal: AbortSignal): Promise<number | undefined>;
  /** Stores that a renewal was sent at this monotonic time and that the hub has it. */
  write(sentMs: number, signal: AbortSignal): Promise<void>;
};

const bootIdKey = 'gridlease.dev/boot-id';
const uptimeKey = 'gridlease.dev/uptime-ms';
/** The clocks of one cluster's nodes differ by less, or its certificates and tokens would fail too. */
const wallSkewMs = 2_000;
/** The machine's uptime is told in hundredths of a second. */
const uptimeStepMs = 10;

/**
 * One Lease in the agent's own namespace. On the machine that wrote it the time of sending is exact,
 * on any other it is the wall clock's, with an allowance: what counts is that it is never too late.
 */
export function createRenewalRecord(options: {
  readonly client: Pick<ResourceClient<CoordinationLease>, 'find' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly clock: Clock;
  readonly boot?: BootClock;
}): RenewalRecord {
  const { client, namespace, name, clock, boot = systemBootClock } = options;
  let known: CoordinationLease | undefined;
  /** The version that was read last, and when it was read first. */
  let seen = { version: undefined as string | undefined, atMs: 0 };

  return {
    async read(signal) {
      known = await client.find({ namespace, name }, { signal });
      // The clocks are read in an order in which a pause between them makes the renewal older.
      const nowMs = clock.monotonicMs();
      const age = known === undefined ? undefined : ageMs(known, boot, clock);
      if (known === undefined || age === undefined) return undefined;
      const version = known.metadata.resourceVersion;
      const firstMs = seen.version === version ? seen.atMs : nowMs;
      seen = { version, atMs: firstMs };
      // A writer whose clock is ahead would otherwise look alive long after its end.
      return Math.min(nowMs - age, firstMs);
    },
    async write(sentMs, signal) {
      known ??= await client.find({ namespace, name }, { signal });
      const uptimeMs = boot.uptimeMs();
      const wallMs = clock.now().getTime();
      const agoMs = clock.monotonicMs() - sentMs;
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: {
          ...(known?.metadata ?? { namespace, name }),
          annotations: {
            ...(boot.bootId === undefined ? {} : { [bootIdKey]: boot.bootId }),
            [uptimeKey]: String(Math.floor(uptimeMs - agoMs - uptimeStepMs)),
          },
        },
        spec: {
          holderIdentity: options.identity,
          renewTime: toMicroTime(new Date(wallMs - agoMs)),
        },
      };
      const call = { fieldManager: 'gridlease-heartbeat', signal };
      try {
        known = await (known === undefined
          ? client.create(lease, call)
          : client.replace(lease, call));
      } catch (error) {
        // Written by another replica, or not known: read again next time.
        known = undefined;
        throw error;
      }
    },
  };
}

/** Upper bound of how long ago the renewal was sent, in milliseconds. */
function ageMs(lease: CoordinationLease, boot: BootClock, clock: Clock): number | undefined {
  const { annotations = {} } = lease.metadata;
  const sentMs = Number(annotations[uptimeKey]);
  if (
    boot.bootId !== undefined &&
    annotations[bootIdKey] === boot.bootId &&
    !Number.isNaN(sentMs)
  ) {
    return Math.max(0, boot.uptimeMs() - sentMs);
  }
  const renewedMs = Date.parse(lease.spec?.renewTime ?? '');
  if (Number.isNaN(renewedMs)) return undefined;
  return Math.max(0, clock.now().getTime() - renewedMs) + wallSkewMs;
}

function readBootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Not Linux: the wall clock has to do.
    return undefined;
  }
}

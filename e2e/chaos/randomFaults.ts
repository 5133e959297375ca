import { createHash } from 'node:crypto';
import {
  canHappen,
  type FaultMatch,
  type FaultSource,
  matches,
  type RequestFault,
  type WatchFault,
} from './faultRules.ts';
import type { RequestInfo } from './requestInfo.ts';

/** How often what happens, each between 0 and 1; together at most 1 for requests, and for events. */
export type FaultRates = {
  readonly dropBeforeSend?: number;
  readonly dropAfterCommit?: number;
  readonly delay?: number;
  readonly conflict?: number;
  readonly tooManyRequests?: number;
  readonly internalError?: number;
  readonly reset?: number;
  readonly staleList?: number;
  readonly dropEvent?: number;
  readonly closeWatch?: number;
  readonly expireWatch?: number;
  readonly freezeWatch?: number;
};

export type RandomFaultOptions = {
  readonly seed: string | number;
  readonly rates: FaultRates;
  /** Which requests and watches are concerned. Default: all. */
  readonly match?: FaultMatch;
  /** The longest delay in milliseconds. Default: 2,000. */
  readonly longestDelayMs?: number;
};

/**
 * Faults by chance that a seed replays. The dice are thrown per caller, verb and resource, for the
 * nth of its kind: what other callers do in between, and how fast, changes nothing.
 */
export const randomFaults = (options: RandomFaultOptions): FaultSource => {
  const { seed, rates, match = {}, longestDelayMs = 2_000 } = options;
  const counts = new Map<string, number>();
  const dice = (kind: string, info: RequestInfo): readonly [number, number] => {
    const actor = info.userAgent.split('/')[0];
    const key = [kind, actor, info.verb, info.group, info.resource, info.subresource].join(' ');
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    const hash = createHash('sha256').update(`${seed} ${key} ${nth}`).digest();
    return [hash.readUInt32BE(0) / 2 ** 32, hash.readUInt32BE(4) / 2 ** 32];
  };
  return {
    forRequest: (info) => {
      if (!matches(match, info)) return undefined;
      const [luck, size] = dice('request', info);
      const milliseconds = Math.ceil(size * longestDelayMs);
      const fault = pick<RequestFault>(luck, [
        [rates.dropBeforeSend, { type: 'dropBeforeSend' }],
        [rates.dropAfterCommit, { type: 'dropAfterCommit' }],
        [rates.delay, { type: 'delay', milliseconds }],
        [rates.conflict, { type: 'answer', status: 409 }],
        [rates.tooManyRequests, { type: 'answer', status: 429, retryAfterSeconds: 1 }],
        [rates.internalError, { type: 'answer', status: 500 }],
        [rates.reset, { type: 'reset' }],
        [rates.staleList, { type: 'staleList' }],
      ]);
      return fault !== undefined && canHappen(fault, info) ? fault : undefined;
    },
    forEvent: (watch) => {
      if (!matches(match, watch)) return undefined;
      return pick<WatchFault>(dice('event', watch)[0], [
        [rates.dropEvent, { type: 'dropEvent' }],
        [rates.closeWatch, { type: 'closeWatch' }],
        [rates.expireWatch, { type: 'expireWatch' }],
        [rates.freezeWatch, { type: 'freezeWatch' }],
      ]);
    },
  };
};

/** Cuts [0, 1) into pieces as long as the rates; what is left over is no fault. */
const pick = <T>(
  luck: number,
  choices: readonly (readonly [number | undefined, T])[],
): T | undefined => {
  let end = 0;
  for (const [rate = 0, fault] of choices) {
    end += rate;
    if (luck < end) return fault;
  }
  return undefined;
};

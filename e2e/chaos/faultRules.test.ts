import { describe, expect, test } from '@jest/globals';
import {
  type Fault,
  type FaultMatch,
  type FaultRule,
  type FaultSource,
  faultsByRules,
  matches,
} from './faultRules.ts';
import { type FaultRates, randomFaults } from './randomFaults.ts';
import type { RequestInfo } from './requestInfo.ts';

const aRequest = (overrides: Partial<RequestInfo> = {}): RequestInfo => ({
  verb: 'create',
  group: 'gridlease.dev',
  resource: 'gpuleases',
  subresource: '',
  namespace: 'a',
  name: '',
  userAgent: 'gridlease-operator/0.1.0',
  streamsList: false,
  ...overrides,
});

const hitsOf = (source: FaultSource, requests: readonly RequestInfo[]) =>
  requests.map((info) => source.forRequest(info)?.type);

const drop: Fault = { type: 'dropBeforeSend' };
const reset: Fault = { type: 'reset' };
const conflict: Fault = { type: 'answer', status: 409 };

describe('a rule', () => {
  test.each<[string, FaultMatch, boolean]>([
    ['that names nothing matches everything', {}, true],
    ['matches its verb', { verb: 'create' }, true],
    ['matches one of several verbs', { verb: ['update', 'create'] }, true],
    ['leaves another verb alone', { verb: ['update', 'patch'] }, false],
    [
      'matches resource and group together',
      { resource: 'gpuleases', group: 'gridlease.dev' },
      true,
    ],
    [
      'tells a resource of the core from one of a group',
      { resource: 'gpuleases', group: '' },
      false,
    ],
    ['tells an object from its subresource', { subresource: 'status' }, false],
    ['leaves another namespace alone', { namespace: 'b' }, false],
    ['leaves another name alone', { name: 'x' }, false],
    ['knows who asks', { userAgent: 'gridlease-operator' }, true],
    ['leaves others alone', { userAgent: 'gridlease-provider-agent' }, false],
  ])('%s', (_, match, wanted) => {
    expect(matches(match, aRequest())).toBe(wanted);
  });

  test.each<[string, Omit<FaultRule, 'fault'>, readonly boolean[]]>([
    ['hits all without limits', {}, [true, true, true, true]],
    ['hits the nth only', { from: 2, times: 1 }, [false, true, false, false]],
    ['hits from the nth on', { from: 3 }, [false, false, true, true]],
    ['hits the first ones', { times: 2 }, [true, true, false, false]],
    ['hits one of so many', { from: 2, every: 2 }, [false, true, false, true]],
    ['hits one of so many, so many times', { every: 2, times: 1 }, [true, false, false, false]],
  ])('%s', (_, rule, wanted) => {
    const source = faultsByRules([{ ...rule, fault: drop }]);
    const hit = hitsOf(source, [aRequest(), aRequest(), aRequest(), aRequest()]);
    expect(hit.map((type) => type !== undefined)).toEqual(wanted);
  });

  test('counts only what it matches', () => {
    const source = faultsByRules([{ match: { verb: 'update' }, from: 2, fault: drop }]);
    const [create, update] = [aRequest(), aRequest({ verb: 'update' })];
    expect(hitsOf(source, [update, create, create, update])).toEqual([
      undefined,
      undefined,
      undefined,
      'dropBeforeSend',
    ]);
  });

  test('gives way to the one before it, and counts all the same', () => {
    const source = faultsByRules([
      { times: 1, fault: drop },
      { from: 2, times: 1, fault: reset },
    ]);
    expect(hitsOf(source, [aRequest(), aRequest(), aRequest()])).toEqual([
      'dropBeforeSend',
      'reset',
      undefined,
    ]);
  });

  test('answers no read with a conflict, and only lists with an old state', () => {
    const read = aRequest({ verb: 'get', name: 'x' });
    const list = aRequest({ verb: 'list' });
    const streamed = aRequest({ verb: 'watch', streamsList: true });
    const resumed = aRequest({ verb: 'watch' });
    expect(hitsOf(faultsByRules([{ fault: conflict }]), [read, list, aRequest()])).toEqual([
      undefined,
      undefined,
      'answer',
    ]);
    const stale = faultsByRules([{ fault: { type: 'staleList' } }]);
    expect(hitsOf(stale, [read, resumed, list, streamed])).toEqual([
      undefined,
      undefined,
      'staleList',
      'staleList',
    ]);
  });

  test('about events counts events, one about requests counts requests', () => {
    const source = faultsByRules([
      { from: 2, times: 1, fault: { type: 'dropEvent' } },
      { times: 1, fault: reset },
    ]);
    const watch = aRequest({ verb: 'watch' });
    expect(source.forRequest(watch)).toEqual(reset);
    expect([1, 2, 3].map(() => source.forEvent(watch)?.type)).toEqual([
      undefined,
      'dropEvent',
      undefined,
    ]);
  });
});

describe('faults by chance', () => {
  const rates: FaultRates = { dropAfterCommit: 0.2, conflict: 0.1, delay: 0.1, freezeWatch: 0.3 };
  const run = (seed: number, between: readonly RequestInfo[] = []) => {
    const source = randomFaults({ seed, rates });
    return Array.from({ length: 200 }, () => {
      for (const info of between) source.forRequest(info);
      return JSON.stringify(source.forRequest(aRequest()) ?? '');
    });
  };

  test('are the same for the same seed, whatever others do in between', () => {
    expect(run(7)).toEqual(run(7, [aRequest({ resource: 'pods' }), aRequest({ verb: 'get' })]));
    expect(run(7)).not.toEqual(run(8));
  });

  test('come about as often as asked', () => {
    const source = randomFaults({ seed: 1, rates });
    const hit = hitsOf(
      source,
      Array.from({ length: 2_000 }, () => aRequest()),
    );
    const share = (type: string) => hit.filter((found) => found === type).length / hit.length;
    expect(share('dropAfterCommit')).toBeCloseTo(0.2, 1);
    expect(share('answer')).toBeCloseTo(0.1, 1);
    const events = Array.from({ length: 2_000 }, () =>
      source.forEvent(aRequest({ verb: 'watch' })),
    );
    expect(events.filter((found) => found?.type === 'freezeWatch').length / 2_000).toBeCloseTo(
      0.3,
      1,
    );
  });
});

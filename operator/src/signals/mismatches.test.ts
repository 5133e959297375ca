import type { GPULease } from '@gridlease/crds/gpulease';
import type { Condition } from '@gridlease/kube/object';
import { describe, expect, test } from '@jest/globals';
import {
  aCondition,
  addressOf,
  aLease,
  anAcceptance,
  aProvider,
  nowMs,
} from '../testing/builders.ts';
import { aChannel, aSignalsScene } from '../testing/signals.ts';
import { mismatchKinds } from './leaseMetrics.ts';

type Scene = ReturnType<typeof aSignalsScene>;
const never = new AbortController().signal;
const none = Object.fromEntries(mismatchKinds.map((kind) => [kind, 0]));

async function mismatchesIn(scene: Scene): Promise<Readonly<Record<string, number | undefined>>> {
  const values = mismatchKinds.map(
    async (kind) => [kind, await scene.value('gridlease_lease_mismatch', { kind })] as const,
  );
  return Object.fromEntries(await Promise.all(values));
}

/** A condition as of so many seconds after the beginning. */
const at = (second: number, type: string, status: Condition['status'], reason = type) =>
  aCondition(type, status, reason, {
    lastTransitionTime: new Date(nowMs + second * 1_000).toISOString(),
  });
const leaseWith = (conditions: readonly Condition[], more: NonNullable<GPULease['status']> = {}) =>
  aLease({ status: { acceptance: anAcceptance, ...more }, conditions });
const accepted = [at(1, 'Accepted', 'True'), at(2, 'Funded', 'True')];
const running = leaseWith([...accepted, at(5, 'Delivered', 'True')], {
  startTime: new Date(nowMs + 5_000).toISOString(),
});
const ended = leaseWith(
  [
    ...accepted,
    at(600, 'Delivered', 'False', 'Finished'),
    at(600, 'Succeeded', 'True', 'Completed'),
  ],
  { endTime: new Date(nowMs + 600_000).toISOString() },
);
const stated = (second: number, gpuSeconds: number, promised = gpuSeconds) =>
  aChannel({
    stated: nowMs + second * 1_000,
    rows: [{ id: 1, lease: 'train-1', gpuMs: gpuSeconds * 1_000 }],
    promised: BigInt(promised),
  });

/** Goes on second by second; every metric is looked at each second, the chain every 15. */
async function until(
  scene: Scene,
  second: number,
  events: Readonly<Record<number, () => void>> = {},
): Promise<readonly Readonly<Record<string, number | undefined>>[]> {
  const seen: Readonly<Record<string, number | undefined>>[] = [];
  for (;;) {
    const now = (scene.clock.now().getTime() - nowMs) / 1_000;
    events[now]?.();
    if (now % 15 === 0) await scene.stage.look(never);
    seen.push(await mismatchesIn(scene));
    if (now >= second) return seen;
    scene.clock.advance(1_000);
  }
}

const statements = (scene: Scene, from: number, to: number, began: number) =>
  Object.fromEntries(
    Array.from({ length: (to - from) / 60 + 1 }, (_, index) => from + index * 60).map((second) => [
      second,
      () => scene.informers.channels.put(stated(second, second - began)),
    ]),
  );

const alpha = addressOf('alpha');

test('nothing contradicts in the life of a lease: asked, funded, run, suspended, resumed, ended, redeemed', async () => {
  const scene = aSignalsScene();
  const { leases, channels } = scene.informers;
  const suspended = leaseWith([...accepted, at(200, 'Delivered', 'False', 'PaymentOverdue')]);
  const resumed = leaseWith([...accepted, at(900, 'Delivered', 'True')]);
  const seen = await until(scene, 1_800, {
    0: () => leases.put(aLease()),
    1: () => leases.put(leaseWith(accepted)),
    2: () => {
      channels.put(aChannel());
      scene.onChain.set(alpha, { reserved: 1_000n, claimed: 0n, generation: 1 });
    },
    6: () => leases.put(running),
    66: () => channels.put(stated(66, 60)),
    126: () => channels.put(stated(126, 120)),
    // The hub answers nothing for ten minutes: what was stated before is paid when it is back.
    186: () =>
      channels.put(aChannel({ ...{ stated: nowMs + 186_000, answered: nowMs + 126_000 } })),
    201: () => leases.put(suspended),
    801: () => channels.put(stated(201, 195)),
    900: () => leases.put(resumed),
    960: () => channels.put(stated(960, 255)),
    1000: () => scene.onChain.set(alpha, { reserved: 1_000n, claimed: 255n, generation: 1 }),
    1020: () => channels.put(stated(1_020, 315)),
    1040: () =>
      leases.put(
        leaseWith([...accepted, at(1_040, 'Succeeded', 'True', 'Completed')], {
          endTime: new Date(nowMs + 1_040_000).toISOString(),
        }),
      ),
    1041: () => channels.put(stated(1_041, 335)),
    1100: () => scene.onChain.set(alpha, { reserved: 1_000n, claimed: 335n, generation: 1 }),
  });
  expect(seen.filter((one) => JSON.stringify(one) !== JSON.stringify(none))).toEqual([]);
});

describe('paid_not_running', () => {
  test('counts a lease that has ended and bills on', async () => {
    const scene = aSignalsScene();
    const { leases } = scene.informers;
    const events = {
      ...statements(scene, 60, 1_080, 5),
      6: () => leases.put(running),
      601: () => leases.put(ended),
    };
    // Interval + grace after its end is a last statement's; the two after that are no longer.
    const seen = await until(scene, 1_080, events);
    expect(seen.at(700)).toEqual(none);
    expect(seen.at(-1)).toEqual({ ...none, paid_not_running: 1 });
    // It stops billing.
    const after = await until(scene, 1_400);
    expect(after.at(-1)).toEqual(none);
  });

  test('does not count one that is running again and says so a little later', async () => {
    const scene = aSignalsScene();
    const { leases, channels } = scene.informers;
    const waiting = leaseWith([...accepted, at(30, 'Delivered', 'False', 'Waiting')]);
    const resumed = leaseWith([...accepted, at(598, 'Delivered', 'True')]);
    const seen = await until(scene, 900, {
      6: () => leases.put(running),
      30: () => channels.put(stated(30, 25)),
      31: () => leases.put(waiting),
      540: () => channels.put(stated(540, 26)),
      600: () => channels.put(stated(600, 60)),
      604: () => leases.put(resumed),
      660: () => channels.put(stated(660, 120)),
      720: () => channels.put(stated(720, 180)),
      780: () => channels.put(stated(780, 240)),
      840: () => channels.put(stated(840, 300)),
      900: () => channels.put(stated(900, 360)),
    });
    expect(seen.filter(({ paid_not_running }) => paid_not_running !== 0)).toEqual([]);
  });
});

describe('running_not_paid', () => {
  test('counts a lease that delivers and is not paid for interval, grace and half a minute', async () => {
    const scene = aSignalsScene();
    const { leases, channels } = scene.informers;
    const seen = await until(scene, 300, {
      6: () => leases.put(running),
      66: () => channels.put(stated(66, 60)),
    });
    expect(seen.at(66 + 150)).toEqual(none);
    expect(seen.at(66 + 152)).toEqual({ ...none, running_not_paid: 1 });
    // It is paid at last.
    const after = await until(scene, 320, { 310: () => channels.put(stated(310, 300)) });
    expect(after.at(-1)).toEqual(none);
  });

  test('says nothing of a provider that is not heard of, nor right after it is', async () => {
    const scene = aSignalsScene();
    scene.informers.leases.put(running);
    const seen = await until(scene, 700, {
      20: () => scene.silent.add('gridlease-provider-alpha'),
      500: () => scene.silent.delete('gridlease-provider-alpha'),
    });
    expect(seen.slice(0, 640).filter(({ running_not_paid }) => running_not_paid !== 0)).toEqual([]);
    expect(seen.at(-1)).toEqual({ ...none, running_not_paid: 1 });
  });

  test('a lease that is gone is not counted any more', async () => {
    const scene = aSignalsScene();
    scene.informers.leases.put(running);
    expect((await until(scene, 200)).at(-1)).toEqual({ ...none, running_not_paid: 1 });
    scene.informers.leases.remove('gridlease-provider-alpha/train-1');
    expect(await mismatchesIn(scene)).toEqual(none);
  });
});

describe('chain_only', () => {
  test.each([
    ['a reserve', { reserved: 5n, claimed: 0n, generation: 1 }],
    ['claims', { reserved: 5n, claimed: 5n, generation: 2 }],
  ])('counts a channel with %s that no object stands for', async (_, state) => {
    const scene = aSignalsScene();
    scene.onChain.set(alpha, state);
    expect((await until(scene, 1)).at(-1)).toEqual({ ...none, chain_only: 1 });
    // Its object is made again.
    scene.informers.channels.put(
      aChannel({ generation: state.generation, promised: state.claimed }),
    );
    expect(await mismatchesIn(scene)).toEqual(none);
  });

  test('does not count a channel that was never used', async () => {
    const scene = aSignalsScene();
    scene.informers.providers.put(aProvider('bravo'));
    expect((await until(scene, 70)).at(-1)).toEqual(none);
  });
});

describe('cluster_only', () => {
  test.each([
    [
      'another generation',
      aChannel({ generation: 2 }),
      { reserved: 0n, claimed: 0n, generation: 1 },
    ],
    [
      'a voucher that is lost',
      aChannel({ promised: 3n }),
      { reserved: 9n, claimed: 4n, generation: 1 },
    ],
    [
      'a payment that never was',
      aChannel({ promised: 3n, redeemed: 3n }),
      { reserved: 9n, claimed: 2n, generation: 1 },
    ],
  ])('counts %s once it has lasted a minute', async (_, channel, state) => {
    const scene = aSignalsScene();
    scene.informers.channels.put(channel);
    scene.onChain.set(alpha, state);
    const seen = await until(scene, 76);
    expect(seen.at(59)).toEqual(none);
    expect(seen.at(-1)).toEqual({ ...none, cluster_only: 1 });
    scene.informers.channels.remove('gridlease-provider-alpha/ch-0');
    expect((await until(scene, 91)).at(-1)?.['cluster_only']).toBe(0);
  });
});

test('drift is what vouchers promise beyond what is claimed, at 0 for a provider without channels', async () => {
  const scene = aSignalsScene();
  scene.informers.providers.put(aProvider('bravo'));
  scene.informers.channels.put(aChannel({ promised: 3_500_000n }));
  scene.onChain.set(alpha, { reserved: 9_000_000n, claimed: 1_000_000n, generation: 1 });
  await scene.stage.look(never);
  const drift = (provider: string) =>
    scene.value('gridlease_settlement_drift_tokens', { provider });
  expect(await drift('alpha')).toBe(2.5);
  expect(await drift('bravo')).toBe(0);
  scene.informers.providers.remove('bravo');
  expect(await drift('bravo')).toBeUndefined();
});

describe('drift', () => {
  const drift = (scene: ReturnType<typeof aSignalsScene>) =>
    scene.value('gridlease_settlement_drift_tokens', { provider: 'alpha' });

  test('is below zero by what was claimed beyond all vouchers, whatever another channel still owes', async () => {
    const scene = aSignalsScene();
    scene.informers.channels.put(aChannel({ promised: 3_000_000n }));
    scene.onChain.set(alpha, { reserved: 9_000_000n, claimed: 4_000_000n, generation: 1 });
    await scene.stage.look(never);
    expect(await drift(scene)).toBe(-1);
    scene.informers.channels.put(aChannel({ name: 'ch-1', promised: 9_000_000n }));
    await scene.stage.look(never);
    expect(await drift(scene)).toBe(-1);
  });

  test('of a provider that is given up is only what it claimed too much', async () => {
    const scene = aSignalsScene();
    const abandoned = { reason: 'the site is lost', time: new Date(0).toISOString() };
    scene.informers.providers.put(aProvider('alpha', { spec: { abandoned } }));
    scene.informers.channels.put(aChannel({ promised: 3_000_000n }));
    await scene.stage.look(never);
    expect(await drift(scene)).toBeUndefined();
    scene.onChain.set(alpha, { reserved: 9_000_000n, claimed: 4_000_000n, generation: 1 });
    await scene.stage.look(never);
    expect(await drift(scene)).toBe(-1);
  });

  test('has no series before the chain was read: 0 would be a claim', async () => {
    const scene = aSignalsScene();
    scene.informers.channels.put(aChannel({ promised: 3_000_000n }));
    expect(await drift(scene)).toBeUndefined();
    await scene.stage.look(never);
    expect(await drift(scene)).toBe(3);
  });
});

import { describe, expect, test } from '@jest/globals';
import {
  aCondition,
  aJob,
  aLease,
  anEndedLease,
  anInventory,
  anOffer,
  aProvider,
  nowMs,
  runningConditions,
} from '../testing/builders.ts';
import { aChannel, aSignalsScene } from '../testing/signals.ts';

const at = (seconds: number) => new Date(nowMs + seconds * 1_000).toISOString();
const alpha = { provider: 'alpha' };
const product = 'H100-80GB-HBM3';
const condition = (type: string, seconds: number) =>
  aCondition(type, 'True', type, { lastTransitionTime: at(seconds) });

describe('jobs', () => {
  test('are counted by namespace and state, and gone with the last of the namespace', async () => {
    const { informers, value } = aSignalsScene();
    const running = { conditions: [aCondition('Succeeded', 'Unknown', 'Running')] };
    informers.jobs.put(aJob());
    informers.jobs.put(aJob({ name: 'other', status: running }));
    const jobs = (state: string) => value('gridlease_jobs', { namespace: 'team-a', state });
    expect([await jobs('waiting'), await jobs('running'), await jobs('failed')]).toEqual([1, 1, 0]);
    informers.jobs.put(aJob({ status: running }));
    expect([await jobs('waiting'), await jobs('running')]).toEqual([0, 2]);
    informers.jobs.remove('team-a/train');
    informers.jobs.remove('team-a/other');
    expect(await jobs('running')).toBeUndefined();
  });

  test('show how long each step to their start took, once', async () => {
    const { informers, value } = aSignalsScene();
    const job = aJob({ status: { conditions: [condition('Admitted', -20)] } });
    informers.jobs.put({ ...job, metadata: { ...job.metadata, creationTimestamp: at(-24) } });
    informers.leases.put(aLease());
    const conditions = ['Accepted', 'Funded', 'Provisioned', 'Delivered'].map((type, index) =>
      condition(type, index * index),
    );
    informers.leases.put(aLease({ conditions }));
    informers.leases.put(aLease({ conditions, status: { active: 1 } }));
    const count = (stage: string) =>
      value('gridlease_job_stage_duration_seconds', { stage, le: '+Inf' });
    for (const name of ['admit', 'match', 'accept', 'fund', 'provision', 'deliver']) {
      expect([name, await count(name)]).toEqual([name, 1]);
    }
    const within = { stage: 'provision', le: '2' };
    expect(await value('gridlease_job_stage_duration_seconds', within)).toBe(0);
    expect(await value('gridlease_job_stage_duration_seconds', { ...within, le: '5' })).toBe(1);
  });

  test('interrupted after they had run are counted with what was lost', async () => {
    const { informers, value } = aSignalsScene();
    const status = { startTime: at(-600), gpuMilliseconds: '90000' };
    informers.leases.put(aLease({ status, conditions: runningConditions }));
    informers.leases.put(anEndedLease({ failure: 'NodeLost', status }));
    const reason = { reason: 'NodeLost' };
    expect(await value('gridlease_job_interruptions_total', reason)).toBe(1);
    expect(await value('gridlease_wasted_gpu_seconds_total', reason)).toBe(90);
  });
});

describe('leases', () => {
  test('that were accepted and never ran show since when, by provider, until they run or end', async () => {
    const { informers, value } = aSignalsScene();
    informers.providers.put(aProvider());
    const starting = () => value('gridlease_lease_starting_oldest_seconds', alpha);
    expect(await starting()).toBe(0);
    informers.leases.put(aLease());
    expect(await starting()).toBe(0);
    informers.leases.put(aLease({ conditions: [condition('Accepted', -700)] }));
    informers.leases.put(
      aLease({
        epoch: 2,
        conditions: [condition('Accepted', -60), condition('Funded', -50)],
      }),
    );
    expect(await starting()).toBe(700);
    informers.leases.put(aLease({ conditions: runningConditions, status: { startTime: at(-1) } }));
    expect(await starting()).toBe(60);
    informers.leases.put(
      aLease({
        epoch: 2,
        conditions: [condition('Accepted', -60)],
        status: { startTime: at(-1) },
      }),
    );
    expect(await starting()).toBe(0);
  });

  test('of a provider that is given up wait for no settlement', async () => {
    const { informers, value } = aSignalsScene();
    informers.leases.put(anEndedLease({ endTime: at(-30) }));
    expect(await value('gridlease_settlement_oldest_seconds')).toBe(30);
    const abandoned = { reason: 'the site is lost', time: at(-10) };
    informers.providers.put(aProvider('alpha', { spec: { abandoned } }));
    expect(await value('gridlease_settlement_oldest_seconds')).toBe(0);
  });

  test('count what they will state and pay from zero, also for a namespace that comes later', async () => {
    const { informers, value } = aSignalsScene();
    const provider = 'alpha';
    const paid = (namespace: string) =>
      value('gridlease_paid_gpu_seconds_total', { namespace, provider, product });
    informers.leases.put(aLease());
    expect(await value('gridlease_stated_gpu_seconds_total', { provider, product })).toBe(0);
    expect(await value('gridlease_spent_tokens_total', { namespace: 'team-a' })).toBe(0);
    expect([await paid('team-a'), await paid('team-b')]).toEqual([0, undefined]);
    const lease = aLease({ epoch: 2 });
    const accountRef = { ...lease.spec.accountRef, namespace: 'team-b' };
    informers.leases.put({ ...lease, spec: { ...lease.spec, accountRef } });
    expect(await paid('team-b')).toBe(0);
  });

  test('that are not over are committed; the oldest that is not settled is shown', async () => {
    const { informers, value, clock } = aSignalsScene();
    const perHour = () => value('gridlease_committed_tokens_per_hour', { namespace: 'team-a' });
    const oldest = () => value('gridlease_settlement_oldest_seconds');
    informers.leases.put(aLease({ conditions: runningConditions, parallelism: 2 }));
    expect([await perHour(), await oldest()]).toEqual([4.2, 0]);
    informers.leases.put(anEndedLease({ endTime: at(-30) }));
    clock.advance(10_000);
    expect([await perHour(), await oldest()]).toEqual([0, 40]);
    const settled = [aCondition('Settled', 'True', 'Settled')];
    informers.leases.put(anEndedLease({ endTime: at(-30), conditions: settled }));
    expect(await oldest()).toBe(0);
  });

  test('that a provider refuses are counted; every reason is there before', async () => {
    const { informers, value } = aSignalsScene();
    const refusals = () =>
      value('gridlease_lease_refusals_total', { ...alpha, reason: 'OfferUnknown' });
    expect(await refusals()).toBe(0);
    informers.leases.put(aLease());
    informers.leases.put(aLease({ conditions: [aCondition('Accepted', 'False', 'OfferUnknown')] }));
    expect(await refusals()).toBe(1);
  });

  test('count what statements add, answers accept and vouchers promise, from now on', async () => {
    const { informers, value } = aSignalsScene();
    informers.leases.put(aLease({ conditions: runningConditions }));
    const row = (seconds: number) => [{ id: 1, lease: 'train-1', gpuMs: seconds * 1_000 }];
    const figures = async () => [
      await value('gridlease_stated_gpu_seconds_total', { ...alpha, product }),
      await value('gridlease_paid_gpu_seconds_total', { ...alpha, namespace: 'team-a', product }),
      await value('gridlease_spent_tokens_total', { namespace: 'team-a' }),
    ];
    informers.channels.put(aChannel({ stated: nowMs, rows: row(10), promised: 1_000_000n }));
    expect(await figures()).toEqual([10, 10, 1]);
    informers.channels.put(
      aChannel({ stated: nowMs + 60_000, rows: row(70), promised: 2_500_000n }),
    );
    expect(await figures()).toEqual([70, 70, 2.5]);
    // The next generation begins at nothing.
    informers.channels.put(aChannel({ generation: 2 }));
    informers.channels.put(aChannel({ generation: 2, promised: 500_000n }));
    expect((await figures())[2]).toBe(3);
  });
});

describe('a provider', () => {
  test('is up while it is heard of; its GPUs are known that long', async () => {
    const { informers, value, silent } = aSignalsScene();
    informers.inventories.put(
      anInventory('alpha', {
        pools: [
          { used: 1, leased: 2 },
          { nodeFree: [3], capacity: 5, healthy: 3 },
        ],
      }),
    );
    const gpus = (state: string) => value('gridlease_provider_gpus', { ...alpha, product, state });
    const states = ['free', 'leased', 'unhealthy', 'other'];
    expect(await value('gridlease_provider_up', alpha)).toBe(1);
    expect(await Promise.all(states.map(gpus))).toEqual([19, 2, 2, 1]);
    silent.add('gridlease-provider-alpha');
    expect(await value('gridlease_provider_up', alpha)).toBe(0);
    expect(await gpus('free')).toBeUndefined();
  });

  test('is not down before its agent first came, and is once its heartbeat is gone', async () => {
    const { absent, value } = aSignalsScene();
    const up = () => value('gridlease_provider_up', alpha);
    absent.add('gridlease-provider-alpha');
    expect(await up()).toBeUndefined();
    absent.delete('gridlease-provider-alpha');
    expect(await up()).toBe(1);
    absent.add('gridlease-provider-alpha');
    expect(await up()).toBe(0);
  });

  test('that is not let in is not expected to be up', async () => {
    const { informers, value } = aSignalsScene();
    informers.providers.put(aProvider('alpha', { spec: { suspended: true } }));
    expect(await value('gridlease_provider_up', alpha)).toBeUndefined();
    expect(await value('gridlease_provider_info', { ...alpha, region: 'eu-central' })).toBe(1);
  });

  test('shows its lowest price that is still valid; offers of strangers are not shown', async () => {
    const { informers, value } = aSignalsScene();
    const offer = (
      name: string,
      pricePerGPUHour: string,
      validUntilTime = at(60),
      provider = 'alpha',
    ) => {
      const made = anOffer(provider, { pricePerGPUHour, validUntilTime });
      informers.offers.put({ ...made, metadata: { ...made.metadata, name } });
    };
    offer('a', '2.10');
    offer('b', '1.90');
    offer('c', '1.10', at(-1));
    offer('d', '0.10', at(60), 'stranger');
    expect(await value('gridlease_offer_gpu_hour_price_tokens', { ...alpha, product })).toBe(1.9);
    expect(
      await value('gridlease_offer_gpu_hour_price_tokens', { provider: 'stranger' }),
    ).toBeUndefined();
  });
});

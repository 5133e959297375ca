import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createPublicClient, type Hex, http } from 'viem';
import { lintMetrics } from '../gates/metricsLint.ts';
import { type MetricsPage, scrape } from './metricsPage.ts';
import { aJob, aWorkload, jobUidOf, type KubernetesObject, type Scene, theScene } from './verbs.ts';

const minutes = (count: number) => count * 60_000;
const alpha = { provider: 'alpha' };
const kinds = ['paid_not_running', 'running_not_paid', 'chain_only', 'cluster_only'];

type Pages = { readonly hub: MetricsPage; readonly agent: MetricsPage };
type Lease = KubernetesObject & {
  readonly spec: { readonly terms: Readonly<Record<string, string>> };
  readonly status: {
    readonly gpuMilliseconds: string;
    readonly settlement: Readonly<Record<string, string>>;
  };
};

let scene: Scene;
let namespace: string;
let before: Pages;
let during: Pages;
let after: Pages;
let lease: Lease;
const mismatches: number[] = [];

async function look(): Promise<Pages> {
  const { operator, agents } = scene.environment.metrics;
  const [hub, agent] = await Promise.all([scrape(operator!), scrape(agents[0]!)]);
  for (const kind of kinds)
    mismatches.push(hub.value('gridlease_lease_mismatch', { kind }) ?? Number.NaN);
  return { hub, agent };
}

const chain = () => createPublicClient({ transport: http(scene.environment.chain.rpcURL) });
const newOf = (page: 'hub' | 'agent', name: string, labels?: Readonly<Record<string, string>>) =>
  after[page].sum(name, labels) - before[page].sum(name, labels);

/** One job from its creation to its money being final, looked at all the while. */
beforeAll(async () => {
  scene = theScene();
  namespace = await scene.namespace();
  before = await look();
  await scene.apply(aJob(namespace, 'measured', { workload: aWorkload('sleep 30') }));
  const job = { kind: 'gpujob', name: 'measured', namespace };
  await scene.waitForCondition(job, { type: 'Succeeded', reason: 'Running' });
  // The first statement is answered after one interval, 5 s.
  await scene.waitUntil('a first payment', async () => {
    during = await look();
    return during.hub.sum('gridlease_spent_tokens_total', { namespace }) > 0;
  });
  await scene.waitForCondition(job, { type: 'Succeeded', status: 'True' });
  const { uid } = (await scene.get('gpujob', 'measured', namespace)).metadata;
  await scene.waitUntil(
    'the lease is settled',
    async () => {
      after = await look();
      lease = (await scene.list('gpuleases')).find((one) => jobUidOf(one) === uid) as Lease;
      return lease.status.settlement !== undefined;
    },
    120,
  );
  await scene.waitUntil(
    'what is paid is seen by both programs',
    async () => {
      after = await look();
      const earned = newOf('agent', 'gridlease_provider_earned_tokens_total');
      const gas = newOf('agent', 'gridlease_chain_gas_coins_total', { op: 'settle' });
      return (
        earned >= tokens(lease.status.settlement['amount']!) - 1e-6 &&
        gas > 0 &&
        after.hub.value('gridlease_settlement_drift_tokens', alpha) === 0
      );
    },
    90,
  );
}, minutes(8));

const gpuSeconds = () => Number(lease.status.gpuMilliseconds) / 1_000;
const tokens = (amount: string) => Number(amount) / 1e6;

test('nothing that runs, is paid or is on the chain contradicts at any look', () => {
  expect(mismatches.length).toBeGreaterThan(kinds.length * 4);
  expect(mismatches.filter((value) => value !== 0)).toEqual([]);
});

describe('the hub shows', () => {
  test('the job in its state, what it waited for, and how it ended', () => {
    expect(during.hub.value('gridlease_jobs', { namespace, state: 'running' })).toBe(1);
    expect(after.hub.value('gridlease_jobs', { namespace, state: 'running' })).toBe(0);
    expect(after.hub.value('gridlease_jobs', { namespace, state: 'succeeded' })).toBe(1);
    expect(newOf('hub', 'gridlease_jobs_finished_total', { reason: 'Completed' })).toBeGreaterThan(
      0,
    );
    expect(newOf('hub', 'gridlease_job_start_seconds_count', { product: 'L40S' })).toBeGreaterThan(
      0,
    );
    for (const stage of ['admit', 'match', 'accept', 'fund', 'provision', 'deliver']) {
      const count = newOf('hub', 'gridlease_job_stage_duration_seconds_count', { stage });
      expect([stage, count > 0]).toEqual([stage, true]);
    }
  });

  test('the GPU time of the lease as stated and as paid, and its price as spent', () => {
    const where = { ...alpha, product: 'L40S' };
    const paid = newOf('hub', 'gridlease_paid_gpu_seconds_total', { ...where, namespace });
    expect(paid).toBeCloseTo(gpuSeconds(), 3);
    expect(newOf('hub', 'gridlease_stated_gpu_seconds_total', where)).toBeGreaterThanOrEqual(
      paid - 0.001,
    );
    const { amount } = lease.status.settlement;
    expect(newOf('hub', 'gridlease_spent_tokens_total', { namespace })).toBeCloseTo(
      tokens(amount!),
      6,
    );
  });

  test('what the lease costs in an hour and how long the escrow lasts, only while it runs', () => {
    const perHour = tokens(lease.spec.terms['pricePerGpuHour']!);
    expect(during.hub.value('gridlease_committed_tokens_per_hour', { namespace })).toBeCloseTo(
      perHour,
      6,
    );
    expect(after.hub.value('gridlease_committed_tokens_per_hour', { namespace })).toBe(0);
    const where = { namespace, account: 'account' };
    // Paid to its end: as long as the figure goes.
    expect(during.hub.value('gridlease_escrow_runway_seconds', where)).toBe(30 * 86_400);
    expect(after.hub.value('gridlease_escrow_runway_seconds', where)).toBeUndefined();
  });

  test('the escrow as the chain has it', async () => {
    const { chain: where, tenant } = scene.environment;
    const account = { namespace, account: 'account', kind: 'free' };
    await scene.waitUntil('the free balance', async () => {
      const free = await chain().readContract({
        address: where.escrow as Hex,
        abi: gpuEscrowAbi,
        functionName: 'free',
        args: [tenant.address as Hex],
      });
      const { hub } = await look();
      return hub.value('gridlease_escrow_balance_tokens', account) === tokens(String(free));
    });
  });

  test('the newest block and what asking for it took', async () => {
    const block = await chain().getBlock();
    const { hub } = await look();
    const seconds = hub.sum('gridlease_chain_head_timestamp_seconds');
    expect(Math.abs(seconds - Number(block.timestamp))).toBeLessThan(30);
    const asked = { method: 'eth_getBlockByNumber' };
    expect(hub.sum('gridlease_chain_rpc_duration_seconds_count', asked)).toBeGreaterThan(0);
    expect(hub.sum('gridlease_chain_reorgs_total')).toBe(0);
  });

  test('its transactions: mined, paid for, none left', () => {
    expect(
      after.hub.sum('gridlease_chain_tx_total', { op: 'fund', result: 'mined' }),
    ).toBeGreaterThan(0);
    expect(after.hub.sum('gridlease_chain_gas_coins_total', { op: 'fund' })).toBeGreaterThan(0);
    expect(
      after.hub.sum('gridlease_chain_tx_confirmation_seconds_count', { op: 'fund' }),
    ).toBeGreaterThan(0);
    expect(newOf('hub', 'gridlease_settlement_lag_seconds_count')).toBeGreaterThan(0);
  });

  test('the provider: up, heard a moment ago, its region, GPUs and prices as its objects say', async () => {
    const [provider] = (await scene.list('gpuproviders')).filter(
      ({ metadata }) => metadata.name === 'alpha',
    );
    const offers = await scene.list('gpuoffers', 'gridlease-provider-alpha');
    const { hub } = await look();
    expect(hub.value('gridlease_provider_up', alpha)).toBe(1);
    const heard = hub.value('gridlease_provider_heartbeat_timestamp_seconds', alpha)!;
    expect(Math.abs(Date.now() / 1_000 - heard)).toBeLessThan(40);
    const region = (provider?.spec?.['region'] ?? '') as string;
    expect(hub.value('gridlease_provider_info', { ...alpha, region })).toBe(1);
    for (const { spec } of offers) {
      const where = { ...alpha, product: String(spec?.['product']) };
      const price = Number(spec?.['pricePerGPUHour']);
      expect(hub.value('gridlease_offer_gpu_hour_price_tokens', where)).toBe(price);
      expect(hub.sum('gridlease_provider_gpus', where)).toBeGreaterThan(0);
    }
  });
});

describe("the provider's agent shows", () => {
  test('the lease that it took, metered and was paid for', () => {
    const accepted = { outcome: 'accepted', reason: 'Accepted' };
    expect(newOf('agent', 'gridlease_lease_decisions_total', accepted)).toBeGreaterThan(0);
    expect(newOf('agent', 'gridlease_gpu_seconds_total')).toBeGreaterThanOrEqual(
      gpuSeconds() - 0.001,
    );
    expect(during.agent.value('gridlease_agent_leases', { state: 'running' })).toBeGreaterThan(0);
    const { amount } = lease.status.settlement;
    const earned = newOf('agent', 'gridlease_provider_earned_tokens_total');
    expect(earned).toBeGreaterThanOrEqual(tokens(amount!) - 1e-6);
  });

  test('its settlements: sent, mined, final, and what they cost', () => {
    for (const result of ['sent', 'mined']) {
      expect(newOf('agent', 'gridlease_chain_tx_total', { op: 'settle', result })).toBeGreaterThan(
        0,
      );
    }
    const op = { op: 'settle' };
    expect(newOf('agent', 'gridlease_chain_tx_confirmation_seconds_count', op)).toBeGreaterThan(0);
    expect(after.agent.value('gridlease_gas_balance_coins')).toBeGreaterThan(0);
  });

  test('its GPUs, none of them unhealthy, and the time of its inventory', async () => {
    const { agent } = await look();
    const capacity = agent.sum('gridlease_gpus', { state: 'capacity' });
    expect(capacity).toBeGreaterThan(0);
    expect(agent.sum('gridlease_gpus', { state: 'healthy' })).toBe(capacity);
    expect(agent.value('gridlease_unhealthy_gpus')).toBe(0);
    const [inventory] = await scene.list('gpuinventories', 'gridlease-provider-alpha');
    const observed = Date.parse(String(inventory?.spec?.['observedTime'])) / 1_000;
    expect(agent.value('gridlease_inventory_timestamp_seconds')).toBeLessThanOrEqual(observed);
  });
});

describe('both pages', () => {
  const reference = readFileSync(
    join(import.meta.dirname, '../../docs/reference/metrics.md'),
    'utf8',
  );
  const documented = new Set(
    [...reference.matchAll(/^\| `([a-z_0-9]+)` \| (?:counter|gauge|histogram|summary) \|/gm)].map(
      ([, name]) => name!,
    ),
  );
  const typesOf = ({ text }: MetricsPage) =>
    [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!);

  test('show only what the reference tells of', () => {
    for (const page of [after.hub, after.agent]) {
      expect(typesOf(page).filter((name) => !documented.has(name))).toEqual([]);
    }
  });

  test('show all that the reference tells of', () => {
    const shown = new Set([...typesOf(after.hub), ...typesOf(after.agent)]);
    expect([...documented].filter((name) => !shown.has(name))).toEqual([]);
  });

  test(
    'are what Prometheus takes for clean',
    async () => {
      expect(await lintMetrics(after.hub.text)).toEqual([]);
      expect(await lintMetrics(after.agent.text)).toEqual([]);
    },
    minutes(5),
  );
});

import { describe, expect, test } from '@jest/globals';
import { type CheckInput, disagreements } from './check.ts';
import { deliveredLeases } from './pods.ts';

const honest: CheckInput = {
  delivered: [
    {
      leaseUid: 'u1',
      jobUid: 'j1',
      provider: 'alpha',
      rawProduct: 'NVIDIA-H100-80GB-HBM3',
      gpuMs: 12_000n,
      pods: 1,
      attempts: ['j1/0/1'],
    },
  ],
  receipts: [
    {
      leaseUid: 'u1',
      leaseName: 'train-1',
      jobName: 'train',
      provider: 'alpha',
      product: 'H100-80GB-HBM3',
      gpuMs: 12_000n,
      amount: 7_000n,
    },
  ],
  asks: [{ provider: 'alpha', product: 'H100', price: 2_100_000n }],
  payments: [{ provider: 'alpha', claimed: 7_000n }],
  ledger: {
    deposited: 100_000n,
    free: 80_000n,
    reserved: 20_000n,
    claimed: 7_000n,
    accrued: 7_000n,
    withdrawn: 0n,
    tokenBalance: 100_000n,
  },
  forbidden: [],
};

describe('the checker', () => {
  test('finds nothing where pods, receipts and chain agree', () => {
    expect(disagreements(honest)).toEqual([]);
  });

  const lies: Record<string, [Partial<CheckInput>, RegExp]> = {
    'a millisecond too much on the bill': [
      { receipts: [{ ...honest.receipts[0]!, gpuMs: 12_001n }] },
      /^ms: .*billed 12001 GPU-ms, its pods ran 12000/,
    ],
    'an amount that is rounded up': [
      { receipts: [{ ...honest.receipts[0]!, amount: 7_001n }] },
      /^price: .*billed 7001/,
    ],
    'a bill for a lease without pods': [{ delivered: [], payments: [] }, /no pod of it exists/],
    'pods without a bill': [{ receipts: [] }, /has no receipt/],
    'a payment the work does not explain': [
      { payments: [{ provider: 'alpha', claimed: 6_999n }] },
      /^voucher: alpha delivered work worth 7000, the chain paid 6999/,
    ],
    'a unit missing in the escrow': [
      { ledger: { ...honest.ledger, free: 79_999n } },
      /^escrow: deposited 100000/,
    ],
    'an escrow that holds less than it owes': [
      { ledger: { ...honest.ledger, tokenBalance: 99_999n } },
      /the token says/,
    ],
    'a second pod for one attempt': [
      { delivered: [{ ...honest.delivered[0]!, attempts: ['j1/0/1', 'j1/0/1'] }] },
      /ran twice/,
    ],
    'a request that was forbidden': [{ forbidden: ['403: agent alpha'] }, /403/],
  };
  test.each(Object.keys(lies))('names %s', (name) => {
    const [change, message] = lies[name]!;
    expect(disagreements({ ...honest, ...change }).join('\n')).toMatch(message);
  });
});

describe('delivered time', () => {
  const pod = (terminated?: { startedAt: string | null; finishedAt: string }) => ({
    metadata: {
      name: 'p',
      uid: 'x',
      labels: {
        'gridlease.dev/lease-uid': 'u1',
        'gridlease.dev/job-uid': 'j1',
        'gridlease.dev/index': '3',
        'gridlease.dev/epoch': '2',
      },
    },
    spec: {
      nodeName: 'n1',
      containers: [{ resources: { limits: { 'nvidia.com/gpu': '4' } } }],
    },
    status: { containerStatuses: [{ state: terminated ? { terminated } : {} }] },
  });
  const nodes = {
    items: [{ metadata: { name: 'n1', labels: { 'nvidia.com/gpu.product': 'NVIDIA-L40S' } } }],
  };

  test('is the time between start and finish of the container times its GPUs', () => {
    const times = { startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:10Z' };
    expect(deliveredLeases('alpha', { items: [pod(times), pod(times)] }, nodes)).toEqual([
      expect.objectContaining({ gpuMs: 80_000n, pods: 2, rawProduct: 'NVIDIA-L40S' }),
    ]);
  });

  test('counts the run before a restart, and nothing for a container that never started', () => {
    const ran = { startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:10Z' };
    const never = { startedAt: '1970-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:11Z' };
    const nothing = { startedAt: null, finishedAt: '2026-01-01T00:00:11Z' };
    const restarted = pod(never);
    const [status] = restarted.status.containerStatuses;
    const containerStatuses = [{ ...status, lastState: { terminated: ran } }];
    const pods = [{ ...restarted, status: { containerStatuses } }, pod(nothing)];
    expect(deliveredLeases('alpha', { items: pods }, nodes)).toEqual([
      expect.objectContaining({ gpuMs: 40_000n, pods: 2 }),
    ]);
  });

  test('is refused for a pod that has not ended', () => {
    expect(() => deliveredLeases('alpha', { items: [pod()] }, nodes)).toThrow(/has not ended/);
  });
});

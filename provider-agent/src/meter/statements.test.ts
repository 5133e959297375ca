import { recoverUsageStatement } from '@gridlease/contracts/usageStatement';
import type { ChannelRecordSpec } from '@gridlease/crds/channelrecord';
import { manualClock } from '@gridlease/kube/manualClock';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { zeroHash } from 'viem';
import { people, testDomain, testNowMs } from '../testing/builders.ts';
import type { MeterDeps } from './deps.ts';
import type { Leases } from './leases.ts';
import type { LookedLease } from './lookedLease.ts';
import { meterMetrics } from './metrics.ts';
import { createStatements } from './statements.ts';

const channel = {
  tenant: people.tenant.address,
  provider: people.owner.address,
  signer: people.signer.address,
  generation: 1,
  chainId: Number(testDomain.chainId),
  escrow: testDomain.verifyingContract,
};
const name = 'channel';
const signal = new AbortController().signal;

/** The record as the API server has it, shared by all replicas. */
let record: ChannelRecordSpec;

beforeEach(() => {
  const folded = { amount: '0', head: zeroHash };
  record = { hub: 'hub', hubEpoch: '1', channel, rows: [], folded, retiredGenerations: [] };
});

function aReplica() {
  const deps = {
    domain: testDomain,
    agent: people.agent,
    clock: manualClock(testNowMs),
    informers: { channels: { get: () => undefined } },
    records: {
      get: () => record,
      update: async (
        _: string,
        mutate: (current: ChannelRecordSpec) => typeof record | undefined,
      ) => {
        record = mutate(record) ?? record;
        return record;
      },
    },
  } as unknown as MeterDeps;
  const leases = { noteSigned: () => undefined } as unknown as Leases;
  return createStatements(deps, leases, meterMetrics(new Registry()));
}

const ended = (id: number): LookedLease => {
  const leaseId = `0x${id.toString(16).padStart(64, '0')}` as const;
  const lease = {
    ...{ leaseUid: `uid-${id}`, leaseName: `lease-${id}`, leaseId, gpuCount: 1 },
    ...{ pricePerGpuHour: 1n, maxAmount: 1n, acceptedMs: BigInt(testNowMs) },
  };
  const usage = { gpuMs: 0n, amount: 0n, startMs: undefined, endMs: undefined };
  return { lease, usage, runs: [], isFinal: true } as unknown as LookedLease;
};

describe('a statement', () => {
  test('is signed by the agent and stored before anybody can see it', async () => {
    await aReplica().make(name, record, [ended(1)], signal);
    const { signature, seq, atMs, cumulative, foldedAmount, ...rest } = record.statement!;
    const numbers = { seq, atMs, cumulative, foldedAmount };
    const message = { ...channel, ...rest, ...mapped(numbers) };
    expect(await recoverUsageStatement(testDomain, message, signature)).toBe(people.agent.address);
  });

  test('is not stored where another replica has stored a successor of the same one meanwhile', async () => {
    const before = record;
    await aReplica().make(name, before, [ended(1)], signal);
    const first = record.statement;
    await expect(aReplica().make(name, before, [ended(2)], signal)).rejects.toThrow('meanwhile');
    expect(record.statement).toEqual(first);
  });
});

function mapped<K extends string>(numbers: Readonly<Record<K, string>>): Record<K, bigint> {
  const entries = Object.entries<string>(numbers).map(([key, value]) => [key, BigInt(value)]);
  return Object.fromEntries(entries) as Record<K, bigint>;
}

import { segmentsRoot } from '@gridlease/contracts/deviceSegment';
import { escrowDomain } from '@gridlease/contracts/domain';
import { merkleRoot } from '@gridlease/contracts/merkle';
import { signStatementReply } from '@gridlease/contracts/statementReply';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Hex, keccak256, stringToHex, toHex, zeroHash } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { aLeaseRecord, aWorkloadDocument } from '../testing/builders.ts';
import { aContainerRun } from '../testing/meterBuilders.ts';
import { deviceSegments, rootOf } from './billed.ts';
import {
  emptyMemory,
  noteReply,
  noteStatement,
  oldestUnpaid,
  openRefusals,
  recallStatement,
} from './channelMemory.ts';
import { nextChannelRecord } from './generation.ts';
import { coversFullDuration, startDeadlineOf } from './onObject.ts';
import { checkReply, type Reply } from './reply.ts';
import type { NamedRow } from './row.ts';
import { runsFromLines, runToLines } from './runLines.ts';
import { type ContainerRun, extend } from './segment.ts';

const hash = (index: number): Hex => toHex(index, { size: 32 });
const signer = privateKeyToAccount(generatePrivateKey());
const stranger = privateKeyToAccount(generatePrivateKey());
const domain = escrowDomain({ chainId: 1, escrow: signer.address });
const channel = {
  tenant: stranger.address,
  provider: stranger.address,
  signer: signer.address,
  generation: 1,
};

function aRow(index: number, amount: bigint, last: boolean): NamedRow {
  return {
    leaseId: hash(index),
    leaseName: `lease-${index}`,
    fromMs: 0n,
    toMs: 0n,
    gpuMs: 0n,
    amount,
    credit: 0n,
    segmentsRoot: zeroHash,
    last,
  };
}

async function aReply(refused: readonly Hex[], by = signer, reason = 'WrongSpan'): Promise<Reply> {
  const refusalsRoot = merkleRoot(refused);
  const reply = { ...channel, statementHash: hash(9), refusalsRoot, cumulative: 5n };
  return {
    statementHash: reply.statementHash,
    refusalsRoot,
    cumulative: 5n,
    signature: await signStatementReply(by, domain, reply),
    refusals: refused.map((leaseId) => ({ leaseId, reason, message: 'no' })),
  };
}

describe('a reply', () => {
  test('of the channel’s signer is followed', async () => {
    expect(await checkReply(domain, channel, await aReply([]))).toEqual({ valid: true });
    expect(await checkReply(domain, channel, await aReply([hash(1)]))).toEqual({ valid: true });
  });

  test('of anybody else, or for another generation, is not', async () => {
    const forged = await checkReply(domain, channel, await aReply([], stranger));
    expect(forged).toMatchObject({ valid: false, reason: 'ReplySignatureInvalid' });
    const other = await checkReply(domain, { ...channel, generation: 2 }, await aReply([]));
    expect(other).toMatchObject({ valid: false, reason: 'ReplySignatureInvalid' });
    const broken = { ...(await aReply([])), signature: '0x1234' as const };
    expect(await checkReply(domain, channel, broken)).toMatchObject({ valid: false });
  });

  test('whose list of refusals was changed on the way is not', async () => {
    const changed = { ...(await aReply([])), refusals: (await aReply([hash(1)])).refusals };
    expect(await checkReply(domain, channel, changed)).toMatchObject({
      reason: 'RefusalsMismatch',
    });
  });

  test('accepts final rows for good, and may come one statement late', async () => {
    const memory = emptyMemory();
    const rows = [aRow(1, 1n, true), aRow(2, 1n, false), aRow(3, 1n, true)];
    noteStatement(memory, { hash: hash(9), rows, cumulative: 3n, nowMs: 0 });
    noteStatement(memory, { hash: hash(10), rows, cumulative: 4n, nowMs: 1 });
    noteReply(memory, await aReply([hash(3)]));
    expect([...memory.accepted]).toEqual([hash(1)]);
    expect([...memory.refusals.keys()]).toEqual([hash(3)]);
  });
});

describe('a last row that is refused', () => {
  const refuse = async (reason: string, last = true) => {
    const memory = emptyMemory();
    const before = [aRow(1, 7n, false)];
    noteStatement(memory, { hash: hash(9), rows: before, cumulative: 7n, nowMs: 0 });
    noteReply(memory, await aReply([]));
    const rows = [aRow(1, 9n, last), aRow(2, 5n, last)];
    noteStatement(memory, { hash: hash(9), rows, cumulative: 14n, nowMs: 1 });
    noteReply(memory, await aReply([hash(1), hash(2)], signer, reason));
    return memory;
  };

  test('of a lost lease is conceded down to what was agreed to before', async () => {
    const memory = await refuse('LeaseLost');
    expect([...memory.conceded]).toEqual([
      [hash(1), 7n],
      [hash(2), 0n],
    ]);
    expect(memory.dropped.size).toBe(0);
  });

  test('of an unknown lease is dropped when nothing of it was ever agreed to', async () => {
    const memory = await refuse('LeaseUnknown');
    expect([...memory.dropped]).toEqual([hash(2)]);
    expect(memory.conceded.size).toBe(0);
  });

  test.each([
    ['for any other reason', 'MoreThanWallClock', true],
    ['and is not the last', 'LeaseLost', false],
  ])('%s stays claimed', async (_name, reason, last) => {
    const memory = await refuse(reason, last);
    expect([memory.conceded.size, memory.dropped.size]).toEqual([0, 0]);
  });

  test('of before a restart, of which nothing is known, stays claimed', async () => {
    const memory = emptyMemory();
    const rows = [aRow(1, 9n, true)];
    recallStatement(memory, { hash: hash(9), rows, cumulative: 9n, nowMs: 0 }, 0n);
    noteReply(memory, await aReply([hash(1)], signer, 'LeaseLost'));
    expect(memory.conceded.size).toBe(0);
  });

  test.each([
    ['lost before a restart', 'LeaseLost', [1], 0],
    ['lost since', 'LeaseLost', [2], 1],
    ['refused for another reason', 'MoreThanWallClock', [1], 1],
  ] as const)('of a lease that was %s calls for somebody or not', async (_, reason, rows, open) => {
    const memory = emptyMemory();
    const before = [aRow(1, 9n, true)];
    recallStatement(memory, { hash: hash(8), rows: before, cumulative: 9n, nowMs: 0 }, 0n);
    const now = [...before, aRow(2, 5n, false)];
    noteStatement(memory, { hash: hash(9), rows: now, cumulative: 14n, nowMs: 1 });
    noteReply(memory, await aReply(rows.map(hash), signer, reason));
    expect(openRefusals(memory)).toBe(open);
  });

  test('keeps no other lease waiting for money once it is conceded', async () => {
    const memory = await refuse('LeaseLost');
    const rows = [
      { ...aRow(1, 9n, true), credit: 2n },
      { ...aRow(2, 5n, true), credit: 5n },
    ];
    noteStatement(memory, { hash: hash(9), rows, cumulative: 7n, nowMs: 2 });
    noteReply(memory, await aReply([]));
    expect(oldestUnpaid(memory, 7n, rows)).toBeUndefined();
  });
});

describe('what is unpaid', () => {
  test('is as old as the first statement that no voucher covers', () => {
    const memory = emptyMemory();
    for (const [index, cumulative] of [10n, 20n, 30n].entries()) {
      noteStatement(memory, { hash: hash(index), rows: [], cumulative, nowMs: index * 1_000 });
    }
    expect(oldestUnpaid(memory, 10n, [])).toBe(1_000);
    expect(oldestUnpaid(memory, 29n, [])).toBe(2_000);
    expect(oldestUnpaid(memory, 30n, [])).toBeUndefined();
  });

  test('leaves out what is refused', async () => {
    const memory = emptyMemory();
    const rows = [aRow(1, 7n, false), aRow(2, 3n, false)];
    noteStatement(memory, { hash: hash(9), rows, cumulative: 10n, nowMs: 0 });
    noteReply(memory, await aReply([hash(2)]));
    expect(oldestUnpaid(memory, 6n, rows)).toBe(0);
    expect(oldestUnpaid(memory, 7n, rows)).toBeUndefined();
  });

  test('leaves out no more of a refused row than was not agreed before', async () => {
    const memory = emptyMemory();
    const paid = [aRow(1, 7n, false), aRow(2, 100n, false)];
    noteStatement(memory, { hash: hash(9), rows: paid, cumulative: 107n, nowMs: 0 });
    noteReply(memory, await aReply([]));
    expect(oldestUnpaid(memory, 107n, paid)).toBeUndefined();
    const rows = [aRow(1, 27n, false), aRow(2, 103n, false)];
    noteStatement(memory, { hash: hash(10), rows, cumulative: 130n, nowMs: 5_000 });
    noteReply(memory, { ...(await aReply([hash(2)])), statementHash: hash(10) });
    expect(oldestUnpaid(memory, 107n, rows)).toBe(5_000);
    expect(oldestUnpaid(memory, 126n, rows)).toBe(5_000);
    expect(oldestUnpaid(memory, 127n, rows)).toBeUndefined();
  });

  test('a voucher agrees to what it pays, though no reply ever came', async () => {
    const memory = emptyMemory();
    const paid = [aRow(2, 100n, false)];
    noteStatement(memory, { hash: hash(9), rows: paid, cumulative: 100n, nowMs: 0 });
    expect(oldestUnpaid(memory, 100n, paid)).toBeUndefined();
    const rows = [aRow(1, 50n, false), aRow(2, 103n, false)];
    noteStatement(memory, { hash: hash(10), rows, cumulative: 153n, nowMs: 5_000 });
    noteReply(memory, { ...(await aReply([hash(2)])), statementHash: hash(10) });
    expect(oldestUnpaid(memory, 149n, rows)).toBe(5_000);
    expect(oldestUnpaid(memory, 150n, rows)).toBeUndefined();
  });

  test('an answer to an older statement takes nothing back', async () => {
    const memory = emptyMemory();
    for (const [index, amount] of [10n, 100n].entries()) {
      const rows = [aRow(2, amount, false)];
      noteStatement(memory, { hash: hash(8 + index), rows, cumulative: amount, nowMs: index });
    }
    noteReply(memory, await aReply([]));
    noteReply(memory, { ...(await aReply([])), statementHash: hash(8) });
    noteReply(memory, await aReply([hash(2)]));
    expect(oldestUnpaid(memory, 99n, [aRow(2, 100n, false)])).toBe(1);
  });

  test('after a restart leaves out no more than was open before it', async () => {
    const memory = emptyMemory();
    const rows = [aRow(1, 7n, false), aRow(2, 103n, false)];
    recallStatement(memory, { hash: hash(9), rows, cumulative: 110n, nowMs: 0 }, 107n);
    noteReply(memory, await aReply([hash(2)]));
    expect(oldestUnpaid(memory, 107n, rows)).toBeUndefined();
    const later = [aRow(1, 27n, false), aRow(2, 103n, false)];
    noteStatement(memory, { hash: hash(10), rows: later, cumulative: 130n, nowMs: 5_000 });
    expect(oldestUnpaid(memory, 126n, later)).toBe(5_000);
    expect(oldestUnpaid(memory, 127n, later)).toBeUndefined();
  });
});

describe('the runs in a record', () => {
  const uuids = Array.from({ length: 8 }, (_, at) => `GPU-${String(at).repeat(36)}`);
  const run = fc
    .record({
      startMs: fc.integer({ min: 0, max: 2 ** 41 }),
      closed: fc.boolean(),
      restart: fc.integer({ min: 0, max: 3 }),
      isVerified: fc.boolean(),
      parts: fc.array(
        fc.record({
          ms: fc.integer({ min: 1, max: 10 ** 6 }),
          billed: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7]),
        }),
        { maxLength: 200 },
      ),
    })
    .map(({ startMs, closed, restart, isVerified, parts }) => {
      const devices = uuids.map((uuid, ordinal) => (isVerified ? uuid : `?${ordinal}`));
      let built: ContainerRun = aContainerRun({
        source: `pod/task/${restart}`,
        startMs,
        segments: [],
        devices,
        closed,
      });
      for (const { ms, billed } of parts) {
        const end = built.segments.at(-1)?.endMs ?? startMs;
        built = extend(
          built,
          end + ms,
          billed.map((ordinal) => devices[ordinal]!),
        );
      }
      return built;
    });

  test('come back as they were, however many gaps they have', () => {
    fc.assert(
      fc.property(run, (one) => {
        const lines = runToLines(one);
        const [back] = runsFromLines(lines);
        expect({ ...back, unbilled: [] }).toEqual(one);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(4096);
      }),
    );
  });

  test('a device that was not billed when they were stored is not until somebody looks again', () => {
    const both = ['GPU-a', 'GPU-b'];
    const segments = [
      { startMs: 0, endMs: 10, devices: both },
      { startMs: 10, endMs: 20, devices: ['GPU-b'] },
    ];
    const one = aContainerRun({ segments, closed: false });
    expect(runsFromLines(runToLines(one))[0]?.unbilled).toEqual([
      { device: 'GPU-a', fromMs: 20, untilMs: Number.POSITIVE_INFINITY },
    ]);
    expect(runsFromLines(runToLines({ ...one, closed: true }))[0]?.unbilled).toEqual([]);
  });

  test('nor is one that was found bad after the last moment that its node confirmed', () => {
    const both = ['GPU-a', 'GPU-b'];
    const bad = { device: 'GPU-a', fromMs: 10, untilMs: Number.POSITIVE_INFINITY };
    const segments = [{ startMs: 0, endMs: 10, devices: both }];
    const one = aContainerRun({ segments, unbilled: [bad], closed: false });
    const [back] = runsFromLines(runToLines(one));
    expect(back?.unbilled).toEqual([bad]);
    expect(rootOf(hash(1), [back!])).toBe(rootOf(hash(1), [one]));
    // Before the first confirmed moment too.
    const early = { ...bad, fromMs: 5 };
    const fresh = aContainerRun({
      ...{ startMs: 5, devices: both, segments: [], unbilled: [early], closed: false },
    });
    expect(runsFromLines(runToLines(fresh))[0]?.unbilled).toEqual([early]);
  });

  test('a line that is none of ours is left out', () => {
    expect(runsFromLines(['hello', 'pod/c/0 open 5 x'])).toEqual([]);
  });

  test('commit to one leaf for each GPU and uninterrupted time', () => {
    const segments = [
      { startMs: 0, endMs: 10, devices: ['GPU-a', 'GPU-b'] },
      { startMs: 10, endMs: 20, devices: [] },
      { startMs: 20, endMs: 30, devices: ['GPU-a'] },
    ];
    const one = aContainerRun({ segments });
    const listed = deviceSegments(hash(1), [one]);
    expect(listed.map(({ device, startMs, endMs }) => [device, startMs, endMs])).toEqual([
      [keccak256(stringToHex('GPU-a')), 0n, 10n],
      [keccak256(stringToHex('GPU-b')), 0n, 10n],
      [keccak256(stringToHex('GPU-a')), 20n, 30n],
    ]);
    expect(rootOf(hash(1), [one])).toBe(segmentsRoot(listed));
    expect(rootOf(hash(1), [one])).not.toBe(rootOf(hash(2), [one]));
    expect(rootOf(hash(1), [{ ...one, segments: segments.slice(1, 2) }])).toBe(zeroHash);
  });

  test('commit to a device that two containers claim for the same moment once', () => {
    const first = aContainerRun({
      source: 'old/task/0',
      segments: [{ startMs: 0, endMs: 20, devices: ['GPU-a'] }],
    });
    const second = aContainerRun({
      source: 'new/task/0',
      segments: [{ startMs: 10, endMs: 30, devices: ['GPU-a', 'GPU-b'] }],
    });
    const listed = deviceSegments(hash(1), [second, first]);
    expect(listed.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [0n, 20n],
      [20n, 30n],
      [10n, 30n],
    ]);
    expect(rootOf(hash(1), [first, second])).toBe(segmentsRoot(listed));
  });

  test('keep apart the shares of two containers whose GPUs nobody names', () => {
    const one = (source: string) =>
      aContainerRun({ source, segments: [{ startMs: 0, endMs: 10, devices: ['?0'] }] });
    const devices = (runs: readonly ContainerRun[]) =>
      new Set(deviceSegments(hash(1), runs).map(({ device }) => device)).size;
    expect(devices([one('a/task/0'), one('b/task/0')])).toBe(2);
    expect(devices([one('a/task/0'), one('a/task/1')])).toBe(1);
  });

  test('the start deadline is read from the document, and nothing from what is none', () => {
    expect(startDeadlineOf('{"startDeadlineSeconds":60}')).toBe(60);
    expect(startDeadlineOf('{}')).toBeUndefined();
    expect(startDeadlineOf('not json')).toBeUndefined();
  });

  // 2 tasks × 2 GPUs × 6 s at 2.10 an hour cost exactly 14,000 smallest units.
  test.each([
    ['14000', true],
    ['14001', true],
    ['13999', false],
  ])('a maximum of %s pays for the whole duration: %s', async (maxAmount, expected) => {
    const document = aWorkloadDocument({ gpu: { count: 2 }, maxDurationSeconds: 6 });
    const tasks = { indexes: '3,5', parallelism: 1, gpusPerTask: 2 };
    const record = await aLeaseRecord({ document, tasks });
    const terms = { ...record.spec.terms, pricePerGpuHour: '2100000', maxAmount };
    expect(coversFullDuration({ spec: { ...record.spec, terms } })).toBe(expected);
  });
});

describe('the generation of a channel', () => {
  const aLease = (generation: number, state: 'Running' | 'Ended', hubEpoch = '1') =>
    ({
      spec: { hub: 'hub', state, terms: { ...channel, generation, hubEpoch } },
    }) as unknown as LeaseRecord;

  test('begins with the first lease', () => {
    expect(nextChannelRecord(undefined, [], domain)).toBeUndefined();
    expect(nextChannelRecord(undefined, [aLease(3, 'Running')], domain)).toMatchObject({
      hub: 'hub',
      channel: { generation: 3, chainId: 1 },
      rows: [],
      retiredGenerations: [],
    });
  });

  test('goes on with a lease of a later one, once no old lease runs, and starts from nothing', () => {
    const first = {
      ...nextChannelRecord(undefined, [aLease(1, 'Running')], domain)!,
      voucher: { generation: 1, cumulative: '5', signature: '0x00' as const },
    };
    expect(nextChannelRecord(first, [aLease(1, 'Running')], domain)).toBeUndefined();
    const both = [aLease(1, 'Running'), aLease(2, 'Running')];
    expect(nextChannelRecord(first, both, domain)).toBeUndefined();
    const next = nextChannelRecord(first, [aLease(1, 'Ended'), aLease(2, 'Running')], domain)!;
    expect(next).toMatchObject({ channel: { generation: 2 }, retiredGenerations: [1] });
    expect(next.voucher).toBeUndefined();
    expect(nextChannelRecord(next, [aLease(1, 'Ended')], domain)).toBeUndefined();
  });

  test('remembers the highest epoch of its hub', () => {
    const first = nextChannelRecord(undefined, [aLease(1, 'Running', '9')], domain)!;
    expect(nextChannelRecord(first, [aLease(1, 'Running', '8')], domain)).toBeUndefined();
    expect(nextChannelRecord(first, [aLease(1, 'Running', '10')], domain)!.hubEpoch).toBe('10');
    const both = [aLease(1, 'Running', '9'), aLease(1, 'Running', '10')];
    expect(nextChannelRecord(first, both, domain)!.hubEpoch).toBe('10');
    expect(nextChannelRecord(undefined, both, domain)!.hubEpoch).toBe('10');
  });
});

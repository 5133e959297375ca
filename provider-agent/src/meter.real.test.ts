import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toKubeTime } from '@gridlease/kube/conditions';
import { until } from '@gridlease/kube/testing/until';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runsFromLines } from './meter/runLines.ts';
import { allocated } from './testing/meterBuilders.ts';
import { clients, forgetAll, provider, recordNamespace, setUp, tearDown } from './testing/money.ts';
import { anAgent } from './testing/moneyAgent.ts';
import { aChannel } from './testing/moneyChannel.ts';
import { aLease } from './testing/moneyLease.ts';
import { aPlayedNode } from './testing/playedNode.ts';

/** One agent and one channel for all: the tests run side by side, each with a node and a lease of its own. */
let channel: Awaited<ReturnType<typeof aChannel>>;
let agent: Awaited<ReturnType<typeof anAgent>>;
let payer: NodeJS.Timeout;
const products = new Map<string, string>();
const exporterURLs: string[] = [];
const open: AsyncDisposable[] = [];

beforeAll(async () => {
  await setUp();
  channel = await aChannel();
  agent = await anAgent({
    meter: {
      productOn: (nodeName) => products.get(nodeName),
      exporters: () => exporterURLs.map((url) => ({ url, nodeName: undefined })),
      exporterIntervalMs: 200,
    },
  });
  // It answers whatever is new; an answer that meets a newer statement is given again.
  payer = setInterval(() => void channel.pay().catch(() => undefined), 300);
}, 90_000);
afterAll(async () => {
  clearInterval(payer);
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
  await agent.stop();
  forgetAll();
  await tearDown();
}, 60_000);

const seconds = (ms: number) => Math.floor(ms / 1000) * 1000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const both = allocated({ 'GPU-a': 'Healthy', 'GPU-b': 'Healthy' });

/** A lease with a pod on a node that the test plays, and the agent's meter over it. */
async function played(
  options: {
    readonly product?: string;
    readonly idleSeconds?: number;
    readonly startDeadlineSeconds?: number;
  } = {},
) {
  const name = `played-${randomBytes(3).toString('hex')}`;
  const { product = 'H100' } = options;
  products.set(name, product);
  const node = await aPlayedNode(provider, { name, namespace: recordNamespace, product });
  open.push(node);
  const lease = await aLease(channel, { isPlayed: true, ...options });
  const pod = `${name}-0`;
  await node.bind(pod, lease.uid);
  // A kubelet writes whole seconds.
  const startMs = seconds(Date.now());
  const startedAt = toKubeTime(new Date(startMs));
  const runs = (allocatedResourcesStatus?: typeof both) =>
    node.report(pod, {
      state: { running: { startedAt } },
      ...(allocatedResourcesStatus && { allocatedResourcesStatus }),
    });
  /** Says that the container has ended, and gives the milliseconds that it ran. */
  const ends = async (exitCode = 0, allocatedResourcesStatus?: typeof both): Promise<number> => {
    const finishMs = seconds(Date.now());
    const terminated = {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      startedAt,
      finishedAt: toKubeTime(new Date(finishMs)),
    };
    const rest = allocatedResourcesStatus && { allocatedResourcesStatus };
    await node.report(pod, { state: { terminated }, ...rest }, 'Succeeded');
    await lease.endAsPlayed();
    return finishMs - startMs;
  };
  const usage = () => agent.meter.usage(lease.uid);
  const meter = async () =>
    (await clients.leaseRecords.get({ name: lease.uid, namespace: recordNamespace })).spec.meter;
  /** GPU-milliseconds of the final row. */
  const billed = () =>
    until('the final row', async () => {
      const stored = await meter();
      // As a list: nothing billed at all is an answer too.
      return stored?.final === true ? [Number(stored.gpuMs)] : undefined;
    }).then(([gpuMs]) => gpuMs!);
  const running = () => until('the meter', () => usage()?.delivering);
  return { node, lease, runs, ends, usage, meter, billed, running };
}

describe('what a kubelet writes through a real API server is what is billed', () => {
  test.concurrent('a probe that never passes and an exit with 1: to the second, device by device', async () => {
    const at = await played();
    await at.runs(both);
    await at.running();
    expect(at.usage()?.devices).toEqual(['GPU-a', 'GPU-b']);
    await pause(3_000);
    const ranMs = await at.ends(1, both);
    expect(await at.billed()).toBe(2 * ranMs);
    const [run] = runsFromLines((await at.meter())?.runs ?? []);
    expect(run?.segments.map(({ devices }) => devices)).toEqual([['GPU-a', 'GPU-b']]);
  }, 90_000);

  test.concurrent('a device that is unhealthy for some seconds is not billed meanwhile, and its lease says why', async () => {
    const at = await played();
    await at.runs(both);
    await until('something billed', () => (at.usage()?.gpuMs ?? 0n) > 0n);
    await pause(3_000);
    await at.runs(allocated({ 'GPU-a': 'Healthy', 'GPU-b': 'Unhealthy' }));
    const badMs = Date.now();
    const doubt = await until('what is wrong', () => at.usage()?.doubt);
    expect(doubt).toMatchObject({
      reason: 'DeviceUnhealthy',
      message: expect.stringContaining('GPU-b'),
    });
    await pause(4_000);
    const goodMs = Date.now();
    await at.runs(both);
    await until('all to be well', () => at.usage()?.doubt === undefined);
    await pause(3_000);
    const ranMs = await at.ends(0, both);
    const billedMs = await at.billed();
    expect(billedMs).toBeLessThanOrEqual(2 * ranMs - (goodMs - badMs));
    expect(billedMs).toBeGreaterThanOrEqual(ranMs);
    // Well, ill, and well again: what came before and after is billed for both.
    const [run] = runsFromLines((await at.meter())?.runs ?? []);
    expect(run?.segments.map(({ devices }) => devices)).toEqual([
      ['GPU-a', 'GPU-b'],
      ['GPU-a'],
      ['GPU-a', 'GPU-b'],
    ]);
  }, 90_000);

  test.concurrent('a lease that only holds unhealthy devices is not billed and is ended', async () => {
    const at = await played({ idleSeconds: 3 });
    await at.runs(both);
    await until('something billed', () => (at.usage()?.gpuMs ?? 0n) > 0n);
    await at.runs(allocated({ 'GPU-a': 'Unhealthy', 'GPU-b': 'Unhealthy' }));
    const withheld = await until('what is wrong', () => at.usage()?.withheld);
    expect(withheld.reason).toBe('DeviceUnhealthy');
    const before = at.usage()!.gpuMs;
    await until('the stop', () => agent.said.includes(`stop ${at.lease.uid} IdleTooLong`));
    expect(at.usage()!.gpuMs).toBe(before);
  }, 90_000);

  test.concurrent('another product than asked for is not billed at all, and ends the lease', async () => {
    const at = await played({ product: 'L40S', startDeadlineSeconds: 2 });
    await at.runs(both);
    const withheld = await until('what is wrong', () => at.usage()?.withheld);
    expect(withheld).toMatchObject({
      reason: 'AssignmentMismatch',
      message: expect.stringMatching(/is L40S, the lease pays for H100/),
    });
    await until('the stop', () =>
      agent.said.includes(`stop ${at.lease.uid} StartDeadlineExceeded`),
    );
    await at.ends(0, both);
    expect(await at.billed()).toBe(0);
  }, 90_000);

  test.concurrent('a node that is lost is not billed until it is back', async () => {
    const at = await played();
    await at.runs(both);
    await until('something billed', () => (at.usage()?.gpuMs ?? 0n) > 0n);
    await pause(3_000);
    const lostMs = await at.node.lose();
    const withheld = await until('what is wrong', () => at.usage()?.withheld);
    expect(withheld).toMatchObject({
      reason: 'NodeLost',
      message: expect.stringMatching(/Kubelet stopped posting/),
    });
    await pause(4_000);
    const backMs = await at.node.comeBack();
    await at.running();
    await pause(3_000);
    const ranMs = await at.ends(0, both);
    const billedMs = await at.billed();
    // The node's times are whole seconds, and its last heartbeat was half a second old at most.
    const outageMs = backMs - lostMs;
    expect(billedMs).toBeLessThanOrEqual(2 * (ranMs - outageMs) + 2_000);
    expect(billedMs).toBeGreaterThanOrEqual(2 * (ranMs - outageMs) - 4_000);
  }, 90_000);

  test.concurrent('where the kubelet names no device the exporter does, with its model and health', async () => {
    let xid = 0;
    let pod = '';
    const server = createServer((_request, response) => {
      const lines = ['GPU-a', 'GPU-b'].map(
        (uuid) =>
          `DCGM_FI_DEV_XID_ERRORS{gpu="0",UUID="${uuid}",modelName="NVIDIA H100",container="task",namespace="${recordNamespace}",pod="${pod}"} ${uuid === 'GPU-a' ? xid : 0}`,
      );
      response.end(`${lines.join('\n')}\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push({
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    });
    const { port } = server.address() as AddressInfo;
    exporterURLs.push(`http://127.0.0.1:${port}/metrics`);
    const at = await played();
    await at.runs();
    await at.running();
    expect(at.usage()?.doubt?.reason).toBe('AssignmentUnverified');
    pod = `${at.node.name}-0`;
    await until('the devices', () => at.usage()?.devices.length === 2);
    expect(at.usage()?.doubt).toBeUndefined();
    await pause(2_000);
    xid = 79;
    const doubt = await until('what is wrong', () => at.usage()?.doubt);
    expect(doubt).toMatchObject({
      reason: 'DeviceUnhealthy',
      message: expect.stringMatching(/GPU-a/),
    });
    const ranMs = await at.ends();
    const billedMs = await at.billed();
    expect(billedMs).toBeGreaterThanOrEqual(ranMs);
    expect(billedMs).toBeLessThan(2 * ranMs);
  }, 90_000);
});

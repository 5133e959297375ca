import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { readProcessBook } from '../cluster/processBook.ts';
import { isRunning } from '../cluster/processIdentity.ts';
import { bridgeOf, isCgroupOf } from '../cluster/realNode/addresses.ts';
import { cgroupNames } from '../cluster/realNode/cgroups.ts';
import { clearAbandonedNodes, networksOf } from '../cluster/realNode/register.ts';
import { waitFor } from '../cluster/waitFor.ts';
import { describeOnRealNode } from './nodeScene.ts';
import { lines, ONE_NODE_HOLDER, type OneNode, startOneNode } from './oneNodeProgram.ts';

describeOnRealNode('what a real node leaves on the machine', () => {
  let one: OneNode;
  afterEach(async () => {
    await one[Symbol.asyncDispose]();
  }, 60_000);

  const networkNamespace = (pid: string | number): readonly string[] => {
    try {
      return [readlinkSync(`/proc/${pid}/ns/net`)];
    } catch {
      // Ended while it was looked at.
      return [];
    }
  };
  /** The network namespaces of all processes on the machine. */
  const allNamespaces = (): ReadonlySet<string> =>
    new Set(
      readdirSync('/proc')
        .filter((entry) => /^\d+$/.test(entry))
        .flatMap(networkNamespace),
    );

  /** The system ends the processes of a namespace a moment after the one that holds it. */
  const untilGone = (namespaces: readonly string[]) =>
    waitFor(
      () => {
        const left = allNamespaces();
        return namespaces.every((namespace) => !left.has(namespace));
      },
      { what: 'the end of the node’s namespaces' },
    );

  /** What is there of a network and its nodes beside their folder, by what a person would look for. */
  const traces = (): readonly string[] => [
    // The bridge itself, and this machine's ends of the pairs that lead into the nodes.
    ...lines('ip', '-oneline', 'link').filter((line) => line.includes(bridgeOf(one.network))),
    ...lines('ip', 'route').filter((line) => line.includes(bridgeOf(one.network))),
    ...cgroupNames().filter((name) => isCgroupOf(one.network, name)),
    ...readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(one.dir)),
    ...readProcessBook(one.dir)
      .filter(isRunning)
      .map((record) => record.name),
    ...networksOf(one.dir).map(({ number }) => `registered: ${number}`),
  ];

  test('nothing, once it was disposed', async () => {
    one = await startOneNode();
    // Bridge and link, two routes, a control group, processes, the entry in the register.
    expect(traces().length).toBeGreaterThan(7);
    const own = one.processes().flatMap(networkNamespace);
    expect(own.length).toBeGreaterThan(0);
    await one.end();
    expect(traces()).toEqual([]);
    await untilGone(own);
  }, 180_000);

  test('nothing, once the next run has cleared what a crashed one left, and it needs no Services to start', async () => {
    one = await startOneNode({ noServices: 'a test says so' });
    const programs = one.processes().map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    expect(programs.some((command) => command.includes('kubelet.kubeconfig'))).toBe(true);
    expect(programs.some((command) => /kube-proxy|coredns/.test(command))).toBe(false);
    const own = one.processes().flatMap(networkNamespace);
    await one.crash();
    expect(traces()).toContain(ONE_NODE_HOLDER);
    await clearAbandonedNodes();
    expect(traces()).toEqual([]);
    await untilGone(own);
  }, 180_000);
});

import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { machineAddress } from '../cluster/realNode/addresses.ts';
import { attachRealNodes } from '../cluster/realNode/attach.ts';
import type { RealNodeControl } from '../cluster/realNode/control.ts';
import { ensureNft } from '../cluster/realNode/nft.ts';
import { waitFor } from '../cluster/waitFor.ts';
import { describeWithServices } from './nodeScene.ts';
import { lines, type OneNode, startOneNode } from './oneNodeProgram.ts';

describeWithServices('two federations with real nodes side by side', () => {
  let first: RealNodeControl;
  let second: OneNode;
  let nft: string;
  let machineRules: string;

  /** kube-proxy leads the Service `kubernetes` to the API server of its own cluster. */
  const leadsTo = (rules: string, address: string): boolean => rules.includes(`: ${address} . `);
  const rulesOf = (pid: number): string =>
    lines('nsenter', '--target', String(pid), '--net', '--', nft, 'list', 'ruleset').join('\n');

  beforeAll(async () => {
    nft = join(await ensureNft(), 'nft');
    machineRules = lines(nft, 'list', 'ruleset').join('\n');
    first = (await attachRealNodes(process.env['GRIDLEASE_FEDERATION'] ?? ''))[0]!;
    second = await startOneNode();
  }, 180_000);
  afterAll(async () => {
    await second[Symbol.asyncDispose]();
  }, 60_000);

  test('each has the packet filter rules of its own Services, and the machine those that it had', async () => {
    const own = machineAddress(second.network);
    expect(own).not.toBe(first.machineAddress);
    const firstRules = await first.run(nft, ['list', 'ruleset']);
    expect(leadsTo(firstRules, first.machineAddress)).toBe(true);
    expect(leadsTo(firstRules, own)).toBe(false);
    // kube-proxy is healthy before it has written its first rules.
    const secondRules = await waitFor(
      () => {
        const rules = rulesOf(second.processes()[0]!);
        return leadsTo(rules, own) && rules;
      },
      { what: 'the rules of the second node' },
    );
    expect(leadsTo(secondRules, first.machineAddress)).toBe(false);
    expect(lines(nft, 'list', 'ruleset').join('\n')).toBe(machineRules);
    expect(machineRules).not.toContain('kube-proxy');
  }, 60_000);

  test('neither reaches the other: there is no way', async () => {
    const connect = `require('node:net').connect(1, '${machineAddress(second.network)}').on('error', ({ code }) => console.log(code))`;
    expect(await first.run(process.execPath, ['-e', connect])).toBe('EHOSTUNREACH\n');
  }, 60_000);
});

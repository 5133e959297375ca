import { describe, expect, test } from '@jest/globals';
import { networkPolicyCondition } from './networkPolicy.ts';

const node = (name: string, enforcer?: string) => ({ name, enforcer });

describe('whether NetworkPolicies are kept', () => {
  test.each([
    ['Check', [node('a', 'Calico'), node('b', 'Calico')], 'True/Enforced', /^Calico runs on all/],
    ['Check', [node('a', 'Calico'), node('b', 'Cilium')], 'True/Enforced', /^Calico, Cilium runs/],
    [
      'Check',
      [node('a', 'Calico'), node('b')],
      'False/NetworkPolicyNotEnforced',
      /run on b: tenants/,
    ],
    ['Check', [node('a')], 'False/NetworkPolicyNotEnforced', /egress None; install .* or state/],
    ['Check', [], 'Unknown/NoGPUNodes', /no node with GPUs/],
    ['Enforced', [node('a')], 'True/Stated', /did not check/],
    ['NotEnforced', [node('a', 'Calico')], 'False/NetworkPolicyNotEnforced', /states it/],
  ] as const)('%s with %j: %s', (setting, nodes, expected, message) => {
    const condition = networkPolicyCondition({ setting, nodes });
    expect(`${condition.status}/${condition.reason}`).toBe(expected);
    expect(condition.message).toMatch(message);
  });

  test('names a few nodes of many', () => {
    const nodes = Array.from({ length: 300 }, (_, at) => node(`node-${at}`));
    const { message } = networkPolicyCondition({ setting: 'Check', nodes });
    expect(message).toContain('and 295 more');
    expect(message.length).toBeLessThan(1024);
  });
});

import type { ReasonOf } from '@gridlease/crds/conditionReasons';

/** What is known about who keeps NetworkPolicies. */
export type NetworkPolicyFacts = {
  /** Check: what is found decides. Anything else is the provider's own statement. */
  readonly setting: 'Check' | 'Enforced' | 'NotEnforced';
  /** Nodes with GPUs, and the network plugin that keeps NetworkPolicies there; undefined: none is known. */
  readonly nodes: readonly { readonly name: string; readonly enforcer: string | undefined }[];
};

export type NetworkPolicyCondition = {
  readonly type: 'NetworkPolicyEnforced';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: ReasonOf<'GPUInventory', 'NetworkPolicyEnforced'>;
  readonly message: string;
};

const consequence =
  'tenants’ pods may reach each other and whatever the nodes reach, also those of jobs with egress None';
const remedy =
  'install a network plugin that keeps NetworkPolicies, or state networkPolicy: Enforced in the agent’s configuration if yours does';

/** Whether tenants are kept apart, as far as it can be known without sending their traffic. Pure. */
export function networkPolicyCondition(facts: NetworkPolicyFacts): NetworkPolicyCondition {
  const type = 'NetworkPolicyEnforced';
  const not = (message: string): NetworkPolicyCondition => ({
    type,
    status: 'False',
    reason: 'NetworkPolicyNotEnforced',
    message,
  });
  if (facts.setting === 'Enforced') {
    const message = 'the provider states it; the agent did not check';
    return { type, status: 'True', reason: 'Stated', message };
  }
  if (facts.setting === 'NotEnforced') return not(`the provider states it: ${consequence}`);
  const open = facts.nodes.filter(({ enforcer }) => enforcer === undefined);
  if (open.length > 0) {
    const names = open.map(({ name }) => name).sort();
    const shown = names.slice(0, 5).join(', ');
    const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
    return not(
      `nothing that keeps NetworkPolicies is known to run on ${shown}${more}: ${consequence}; ${remedy}`,
    );
  }
  if (facts.nodes.length === 0) {
    return { type, status: 'Unknown', reason: 'NoGPUNodes', message: 'there is no node with GPUs' };
  }
  const plugins = [...new Set(facts.nodes.map(({ enforcer }) => enforcer!))].sort().join(', ');
  return {
    type,
    status: 'True',
    reason: 'Enforced',
    message: `${plugins} runs on all nodes with GPUs`,
  };
}

import { agentRules } from './agent.ts';
import type { Alert, RuleGroup } from './alert.ts';
import { chainRules } from './chain.ts';
import { leaseRules } from './leases.ts';
import { moneyRules } from './money.ts';
import { providerRules } from './providers.ts';
import { runtimeRules } from './runtime.ts';
import { sloRules } from './slo.ts';

/** All rules, in the order in which people care: money and tenants first. */
export const RULE_GROUPS: readonly RuleGroup[] = [
  leaseRules,
  moneyRules,
  chainRules,
  providerRules,
  runtimeRules('operator'),
  sloRules('operator'),
  agentRules,
  runtimeRules('provider-agent'),
  sloRules('provider-agent'),
];

export const ALERTS: readonly Alert[] = RULE_GROUPS.flatMap((group) => group.alerts);

/** Each name once: what has a runbook page. */
export const ALERT_NAMES: readonly string[] = [...new Set(ALERTS.map(({ name }) => name))];

import type { Generated } from '../generated.ts';
import type { Program } from './alert.ts';
import { RULE_GROUPS } from './groups.ts';
import { alertsReference } from './reference.ts';
import { ruleFile } from './ruleFile.ts';

const chartOf: Readonly<Record<Program, string>> = {
  operator: 'gridlease-operator',
  'provider-agent': 'gridlease-provider-agent',
};

const NOTICE = '# Generated from charts/src/alerts by `npm run charts`. Do not edit.\n';

/** The rule files of both charts, and the reference of all alerts. */
export const alertFiles = (): readonly Generated[] => [
  ...RULE_GROUPS.map((group) => ({
    path: `charts/${chartOf[group.program]}/files/rules/${group.name.replace('gridlease-', '')}.yaml`,
    text: `${NOTICE}${ruleFile(group)}`,
  })),
  { path: 'docs/reference/alerts.md', text: alertsReference() },
];

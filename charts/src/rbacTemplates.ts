import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from 'yaml';
import type { Generated } from './generated.ts';
import { kindOf, manifestsOf, manifestTemplate } from './manifestTemplate.ts';
import { repository } from './repository.ts';

/** Written in the manifests as `npm run up` applies them; in a release they follow its namespace. */
export const OPERATOR_REPLACEMENTS = {
  'system:serviceaccount:gridlease-system:': 'system:serviceaccount:{{ $.Release.Namespace }}:',
  'namespace: gridlease-system': 'namespace: {{ $.Release.Namespace | quote }}',
} as const;

const AGENT_REPLACEMENTS = {
  'system:serviceaccount:gridlease-agent:': 'system:serviceaccount:{{ $.Release.Namespace }}:',
  'namespace: gridlease-agent': 'namespace: {{ $.Release.Namespace | quote }}',
} as const;

/** Helm makes the namespace, and the chart's own template the ServiceAccount, which users may annotate. */
const NOT_HERE = ['Namespace', 'ServiceAccount'];

const documentsIn = (path: string): readonly Document[] =>
  manifestsOf(readFileSync(join(repository, path), 'utf8')).filter(
    (document) => !NOT_HERE.includes(kindOf(document)),
  );

const header = (source: string) =>
  `{{- /* Generated from ${source} by \`npm run charts\`. Do not edit. */ -}}\n`;

function template(
  path: string,
  source: string,
  replace: Readonly<Record<string, string>>,
): Generated {
  const body = documentsIn(source).map((document) => manifestTemplate(document, { replace }));
  return { path, text: header(source) + body.join('---\n') };
}

/** The value that leaves a role out that Kubernetes adds to one of its own. */
const AGGREGATES = { view: 'aggregateToView', edit: 'aggregateToEdit', admin: 'aggregateToAdmin' };

/** view, edit and admin of Kubernetes learn the kinds that people work with. */
function aggregateTemplate(): Generated {
  const source = 'operator/rbac/people.yaml';
  const body = documentsIn(source).map((document) => {
    const [role] = Object.keys(AGGREGATES).filter((name) =>
      document.hasIn(['metadata', 'labels', `rbac.authorization.k8s.io/aggregate-to-${name}`]),
    ) as (keyof typeof AGGREGATES)[];
    if (role === undefined) throw new Error(`${source} has a role that is added to none`);
    const text = manifestTemplate(document).replace(
      '| nindent 4 }}\n',
      `| nindent 4 }}\n    rbac.authorization.k8s.io/aggregate-to-${role}: "true"\n`,
    );
    return `{{- if .Values.rbac.${AGGREGATES[role]} }}\n---\n${text}{{- end }}\n`;
  });
  return {
    path: 'charts/gridlease-operator/templates/rbac-people.yaml',
    text: header(source) + body.join(''),
  };
}

/** Rights of both programs, from the manifests that `npm run up` applies. */
export const rbacFiles = (): readonly Generated[] => [
  template(
    'charts/gridlease-operator/templates/rbac.yaml',
    'operator/rbac/operator.yaml',
    OPERATOR_REPLACEMENTS,
  ),
  template(
    'charts/gridlease-operator/templates/rbac-agents.yaml',
    'provider-agent/rbac/hub/clusterrole.yaml',
    {},
  ),
  aggregateTemplate(),
  template(
    'charts/gridlease-provider-agent/templates/rbac.yaml',
    'provider-agent/rbac/provider/agent.yaml',
    AGENT_REPLACEMENTS,
  ),
];

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Generated } from './generated.ts';
import { kindOf, manifestsOf, manifestTemplate } from './manifestTemplate.ts';
import { OPERATOR_REPLACEMENTS } from './rbacTemplates.ts';
import { repository } from './repository.ts';

const header = '{{- /* Generated from crds/manifests by `npm run charts`. Do not edit. */ -}}\n';

/** Helm leaves such an object where it is, at an uninstall and when it is no longer rendered. No value turns it off. */
const KEEP = { 'helm.sh/resource-policy': 'keep' } as const;

const filesOf = (role: string): readonly string[] =>
  readdirSync(join(repository, 'crds/manifests', role)).filter((file) => file !== 'policies.yaml');

/** gridlease-crds: each kind for the clusters that have it. */
function crdTemplates(): readonly Generated[] {
  const roles = new Map<string, string[]>();
  for (const role of ['hub', 'provider']) {
    for (const file of filesOf(role)) roles.set(file, [...(roles.get(file) ?? []), role]);
  }
  return [...roles].map(([file, of]) => {
    const path = join(repository, 'crds/manifests', of[0]!, file);
    const documents = manifestsOf(readFileSync(path, 'utf8'));
    const body = documents.map((document) => manifestTemplate(document, { annotations: KEEP }));
    const wanted = of.map((role) => `"${role}"`).join(' ');
    return {
      path: `charts/gridlease-crds/templates/${file}`,
      text: `${header}{{- if has .Values.role (list "all" ${wanted}) }}\n${body.join('---\n')}{{- end }}\n`,
    };
  });
}

/** gridlease-operator: who may write what, as policies of the hub's API server. */
function policyTemplate(): Generated {
  const text = readFileSync(join(repository, 'crds/manifests/hub/policies.yaml'), 'utf8');
  const body = manifestsOf(text)
    .filter((document) => kindOf(document).startsWith('ValidatingAdmissionPolicy'))
    .map((document) => manifestTemplate(document, { replace: OPERATOR_REPLACEMENTS }));
  return {
    path: 'charts/gridlease-operator/templates/policies.yaml',
    text: header + body.join('---\n'),
  };
}

export const crdFiles = (): readonly Generated[] => [...crdTemplates(), policyTemplate()];

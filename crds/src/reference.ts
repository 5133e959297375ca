import { reasons } from './conditionReasons.ts';
import type { AnyKind } from './defineKind.ts';
import { kinds } from './kinds.ts';
import { objectSchema } from './manifest.ts';
import { policies } from './policies.ts';
import { loserReasons, rowRefusalReasons, statementRefusalReasons } from './reasons.ts';
import { type Field, fieldsOf, type SchemaNode } from './structuralSchema.ts';
import { WIDE } from './userFields.ts';

/** docs/reference/api.md, from the same source as the manifests. */

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function typeOf(node: SchemaNode): string {
  if (node.items !== undefined) return `list of ${typeOf(node.items)}`;
  if (node.enum !== undefined) return node.enum.map((value) => `\`${value}\``).join(', ');
  return node.format === 'date-time' ? 'time' : node.type;
}

function boundsOf(node: SchemaNode): string {
  const parts = [
    node.minimum === undefined || node.minimum === -WIDE
      ? ''
      : `${node.minimum} to ${node.maximum}`,
    node.maxLength === undefined || node.format === 'date-time' ? '' : `≤ ${node.maxLength} chars`,
    node.maxItems === undefined ? '' : `≤ ${node.maxItems} items`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function fieldRow({ path, node, required }: Field): string {
  const presence =
    node.default !== undefined && typeof node.default !== 'object'
      ? `\`${JSON.stringify(node.default)}\``
      : required
        ? 'required'
        : '';
  const rules = (node['x-kubernetes-validations'] ?? []).map(
    (rule) => ` When refused: “${rule.message}”.`,
  );
  const description = `${node.description ?? ''}${rules.join('')}`;
  return `| \`${path}\` | ${typeOf(node)} | ${presence} | ${boundsOf(node)} | ${cell(description)} |`;
}

function table(head: readonly string[], rows: readonly string[]): string {
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows].join('\n');
}

/** Items of lists of plain values say nothing that the list doesn't. */
function isShown({ path, node }: Field): boolean {
  return /^(spec|status)\./.test(path) && !(path.endsWith('[]') && node.properties === undefined);
}

function meaningsTable(meanings: Readonly<Record<string, string>>): string {
  const rows = Object.entries(meanings);
  return table(
    ['Reason', 'Meaning'],
    rows.map(([reason, meaning]) => `| \`${reason}\` | ${cell(meaning)} |`),
  );
}

function conditionsOf(kind: AnyKind): string[] {
  const own = (reasons as Record<string, Record<string, Record<string, string>>>)[
    kind.resource.kind
  ];
  if (own === undefined) return [];
  return Object.entries(own).flatMap(([condition, meanings]) => [
    `#### Condition \`${condition}\``,
    meaningsTable(meanings),
  ]);
}

function kindSection(kind: AnyKind): string[] {
  const { resource } = kind;
  const schema = objectSchema(kind);
  const fields = [...fieldsOf(schema, '')].filter(
    (field) => isShown(field) || field.path === 'spec' || field.path === 'status',
  );
  const facts = [
    `Short name \`${kind.shortNames.join('`, `')}\``,
    resource.namespaced ? 'namespaced' : 'cluster-wide',
    {
      hub: 'in the hub',
      provider: 'in the provider’s own cluster',
      both: 'in the hub and in the provider’s own cluster',
    }[kind.cluster],
  ];
  const rules = (schema['x-kubernetes-validations'] ?? []).map(
    (rule) => `When refused: “${rule.message}”.`,
  );
  const selectable = kind.selectableFields?.map((path) => `\`${path.slice(1)}\``).join(', ');
  return [
    `## ${resource.kind}`,
    kind.description,
    `${facts.join(', ')}.${selectable === undefined ? '' : ` Field selectors: ${selectable}.`}`,
    ...rules,
    table(['Field', 'Type', 'Default', 'Bounds', 'Meaning'], fields.map(fieldRow)),
    ...conditionsOf(kind),
  ];
}

function policySection(): string[] {
  return [
    '## Admission policies in the hub',
    'RBAC decides who reads; these policies decide who writes, and what may change. They hold for everybody, admins included; admins may delete objects, edit metadata, and delete a binding before they restore a backup.',
    table(
      ['Policy', 'Resources', 'What it protects'],
      policies.map(
        ({ name, resources, description }) =>
          `| \`${name}\` | ${resources.map((one) => `\`${one}\``).join(', ')} | ${cell(description)} |`,
      ),
    ),
  ];
}

const otherLists = [
  ['Refused rows (PaymentChannel `spec.reply.refusals`)', rowRefusalReasons],
  ['Refused statements (events on PaymentChannel)', statementRefusalReasons],
  [
    'Losers of a placement (PlacementRecord `spec.losers`), besides the reasons of `Placed` and `OffersValid`',
    loserReasons,
  ],
] as const;

function otherReasons(): string[] {
  const lists = otherLists.flatMap(([title, meanings]) => [
    `### ${title}`,
    meaningsTable(meanings),
  ]);
  return ['## Reasons that are not on a condition', ...lists];
}

/** The whole page. */
export function apiReference(): string {
  const blocks = [
    '<!-- Generated from crds/src by `npm run crds`. Do not edit. -->',
    '# API reference: gridlease.dev/v1alpha1',
    'Money that people write is decimal token units with at most 6 decimals ("2.10"). Money that is signed is a decimal string of the token’s smallest units. Counts beyond 2^53 are decimal strings.',
    kinds.map(({ resource }) => `- [${resource.kind}](#${resource.kind.toLowerCase()})`).join('\n'),
    ...kinds.flatMap((kind) => kindSection(kind)),
    ...otherReasons(),
    ...policySection(),
  ];
  return `${blocks.join('\n\n')}\n`;
}

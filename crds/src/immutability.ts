import type { PolicyRule } from './policy.ts';
import type { SchemaNode } from './structuralSchema.ts';

/** Rules that freeze fields of a spec, one rule a field, so that the refusal names what was changed. */

const SCALARS = new Set(['string', 'integer', 'boolean']);
/** Longer values would drown the sentence. */
const SHOWN_LENGTH = 512;

type Leaf = { readonly path: readonly string[]; readonly node: SchemaNode };

/** Fields at most two levels below the spec: deep enough to be named, few enough to be cheap. */
function leaves(spec: SchemaNode, wholeBlocks: boolean): Leaf[] {
  return Object.entries(spec.properties ?? {}).flatMap(([name, node]): Leaf[] => {
    if (node.properties === undefined || wholeBlocks) return [{ path: [name], node }];
    return Object.entries(node.properties).map(([child, childNode]) => ({
      path: [name, child],
      node: childNode,
    }));
  });
}

function optional(root: string, path: readonly string[]): string {
  return `${root}.spec${path.map((name) => `.?${name}`).join('')}`;
}

function frozen({ path, node }: Leaf, kind: string, remedy: string): PolicyRule {
  const field = `spec.${path.join('.')}`;
  const before = optional('oldObject', path);
  const after = optional('object', path);
  const shown = SCALARS.has(node.type) && (node.maxLength ?? 0) <= SHOWN_LENGTH;
  const value = (expression: string) => `${expression}.optMap(v, string(v)).orValue('(unset)')`;
  return {
    name: `${kind} ${field}`,
    expression: `${before} == ${after}`,
    message: `${field} can't change: ${remedy}`,
    ...(shown
      ? {
          messageExpression: `"${field} can't change from " + ${value(before)} + " to " + ${value(after)} + ": ${remedy}"`,
        }
      : {}),
    reason: 'Invalid',
  };
}

type Frozen = {
  readonly kind: string;
  readonly spec: SchemaNode;
  /** What to do instead. */
  readonly remedy: string;
  /** Compare blocks such as terms as a whole: for kinds that people don't edit. */
  readonly wholeBlocks?: true;
} & (
  | {
      /** Paths below spec that may change: `suspend`, `service.replicas`. */ readonly mutable: readonly string[];
    }
  | { /** Paths below spec that may not. */ readonly immutable: readonly string[] }
);

function isNamed(leaf: Leaf, paths: readonly string[]): boolean {
  return paths.includes(leaf.path[0] ?? '') || paths.includes(leaf.path.join('.'));
}

/** One rule for every field of the spec that must stay; a field added later is frozen by default. */
export function immutableFields(options: Frozen): PolicyRule[] {
  return leaves(options.spec, options.wholeBlocks === true)
    .filter((leaf) =>
      'mutable' in options ? !isNamed(leaf, options.mutable) : isNamed(leaf, options.immutable),
    )
    .map((leaf) => frozen(leaf, options.kind, options.remedy));
}

import type { WorkloadDocument } from '@gridlease/crds/workloadDocument';
import { parseQuantity } from './quantity.ts';

type Allocatable = Readonly<Record<string, string>>;

const resources = [
  ['cpu', 'cpu'],
  ['memory', 'memory'],
  ['ephemeralStorage', 'ephemeral-storage'],
] as const;

/**
 * What one task asks for that no node of its product has even when it is empty; undefined when some
 * node has it all. A node that doesn't state a resource is not held against the task.
 */
export function missingRoom(
  document: Pick<WorkloadDocument, 'resources'>,
  nodes: readonly Allocatable[],
): string | undefined {
  const wanted = resources.map(([field, name]) => ({
    field,
    name,
    text: document.resources[field],
    amount: parseQuantity(document.resources[field]) ?? 0n,
  }));
  const has = (node: Allocatable, { name, amount }: (typeof wanted)[number]) =>
    (parseQuantity(node[name] ?? '') ?? amount) >= amount;
  if (nodes.length === 0 || nodes.some((node) => wanted.every((wish) => has(node, wish)))) {
    return undefined;
  }
  const tooMuch = wanted.filter((wish) => !nodes.some((node) => has(node, wish)));
  const largest = (name: string) =>
    nodes
      .map((node) => node[name] ?? '0')
      .reduce((best, text) =>
        (parseQuantity(text) ?? 0n) > (parseQuantity(best) ?? 0n) ? text : best,
      );
  return (tooMuch.length === 0 ? wanted : tooMuch)
    .map(
      ({ field, name, text }) =>
        `resources.${field} ${text}, the largest node has ${largest(name)}`,
    )
    .join('; ');
}

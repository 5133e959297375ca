/**
 * Whether two values are the same JSON. Unlike a strict comparison, an undefined member counts as
 * absent and members may come in any order; arrays must match in order.
 */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => sameJson(item, b[index]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const [name, value] of Object.entries(left)) {
    if (!sameJson(value, right[name])) return false;
  }
  // What both have was compared; what only `b` has must be undefined.
  return Object.entries(right).every(
    ([name, value]) => value === undefined || left[name] !== undefined,
  );
}

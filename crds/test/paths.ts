/** A copy of an object with one value replaced; undefined removes it. Numbers are list positions. */
export function withValue<T>(object: T, path: string, value: unknown): T {
  const copy = structuredClone(object) as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce((node, key) => {
    node[key] ??= {};
    return node[key] as Record<string, unknown>;
  }, copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy as T;
}

/** `spec.workload.env.0.name` as the API server writes it: `spec.workload.env[0].name`. */
export function asFieldPath(path: string): string {
  return path.replaceAll(/\.(\d+)/g, '[$1]');
}

import type { KubeObject } from './object.ts';

/**
 * Whether a selection takes an object: true, false, or undefined where only the server can tell
 * (field selectors, and label selectors other than `a=b,c`).
 */
export function selectorMatcher(options: {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}): (object: KubeObject) => boolean | undefined {
  const { labelSelector, fieldSelector } = options;
  if (fieldSelector) return () => undefined;
  if (!labelSelector) return () => true;
  const wanted: [label: string, value: string | undefined][] = [];
  for (const term of labelSelector.split(',')) {
    const match = /^\s*([\w./-]+)\s*(?:==?\s*([\w.-]*)\s*)?$/.exec(term);
    if (match === null) return () => undefined;
    wanted.push([match[1]!, match[2]]);
  }
  // Without a value the label has to be there, whatever it says.
  return ({ metadata }) =>
    wanted.every(([label, value]) => {
      const own = metadata.labels?.[label];
      return value === undefined ? own !== undefined : own === value;
    });
}

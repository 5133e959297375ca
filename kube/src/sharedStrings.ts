export type SharedStrings = {
  /** Replaces the strings in a value, at any depth, by one copy of each. The value stays equal to what it was. */
  share<V>(value: V): V;
};

/**
 * One copy of each short string. Thousands of cached objects say the same few hundred things, kinds,
 * labels, products, addresses, and each parsed answer brings new copies of them. The pool begins anew
 * when it has `most` entries, so that names and digests seen once don't stay in it.
 */
export function sharedStrings({ most = 16_384, longest = 128 } = {}): SharedStrings {
  let pool = new Map<string, string>();
  const one = (text: string): string => {
    if (text.length > longest) return text;
    const known = pool.get(text);
    if (known !== undefined) return known;
    if (pool.size >= most) pool = new Map();
    pool.set(text, text);
    return text;
  };
  const share = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
    const fields = value as Record<string, unknown>;
    for (const name of Object.keys(fields)) {
      const part = fields[name];
      if (typeof part === 'string') fields[name] = one(part);
      else share(part);
    }
  };
  return {
    share(value) {
      share(value);
      return value;
    },
  };
}

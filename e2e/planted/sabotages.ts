/** One line of the project made wrong, and the test that must say so. */
export type Sabotage = {
  /** A classic mistake of controllers and of money. */
  readonly name: string;
  /** From the repository's root. */
  readonly file: string;
  /** The line as it stands, without its indentation; it must be in the file exactly once. */
  readonly line: string;
  readonly replacement: string;
  readonly test: {
    readonly file: string;
    /** As jest prints it: the describe blocks, then the test. */
    readonly name: string;
  };
};

export const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'missing precondition',
    file: 'kube/src/resources.ts',
    line: 'preconditions: { uid, resourceVersion },',
    replacement: '',
    test: {
      file: 'kube/src/resources.test.ts',
      name: 'a write says what it was decided on a delete names the life that was seen',
    },
  },
  {
    name: 'no epoch check',
    file: 'provider-agent/src/accept/gather.ts',
    line: 'laterEpoch: laterEpochOf(lease, records),',
    replacement: 'laterEpoch: undefined,',
    test: {
      file: 'provider-agent/src/accept/gather.test.ts',
      name: 'what is known about a lease before it is accepted a later epoch of one of its tasks',
    },
  },
  {
    name: 'finalizer early',
    file: 'operator/src/lease/decide.ts',
    line: 'if (Number.isNaN(deletedMs) || hasOpenIntents || leases.some(leaseIsActive)) {',
    replacement: 'if (Number.isNaN(deletedMs) || hasOpenIntents) {',
    test: { file: 'operator/src/lease/decide.test.ts', name: 'a deleted job is let go' },
  },
  {
    name: 'lost requeue',
    file: 'kube/src/workqueue.ts',
    line: 'if (entry !== undefined && entry.readyAt <= this.#clock.monotonicMs()) this.#place(entry);',
    replacement: 'if (entry !== undefined) this.#entries.delete(key);',
    test: {
      file: 'kube/src/workqueue.test.ts',
      name: 'a work queue gives a key to one worker at a time, and once more when it was added meanwhile',
    },
  },
  {
    name: 'double sign',
    file: 'provider-agent/src/meter/statement.ts',
    line: 'seq: earliest > nowMs ? earliest : nowMs,',
    replacement: 'seq: nowMs,',
    test: {
      file: 'provider-agent/src/meter/statement.test.ts',
      name: 'planning a statement numbers rise when the clock stands or is set back',
    },
  },
  {
    name: 'watch gap',
    file: 'kube/src/watchEnd.ts',
    line: "if (error.isGone) return { reason: 'expired', relist: true, message };",
    replacement: "if (error.isGone) return { reason: 'expired', relist: false, message };",
    test: { file: 'kube/src/watchEnd.test.ts', name: 'the end of a watch too old' },
  },
  {
    name: 'rounding up',
    file: 'contracts/ts/amount.ts',
    line: 'return (pricePerGpuHour * gpuMs) / MILLISECONDS_PER_HOUR;',
    replacement:
      'return (pricePerGpuHour * gpuMs + MILLISECONDS_PER_HOUR - 1n) / MILLISECONDS_PER_HOUR;',
    test: {
      file: 'contracts/ts/amount.test.ts',
      name: 'amountFor never costs more in parts than at once',
    },
  },
  {
    name: 'cached read before pay',
    file: 'operator/src/billing/reconcile.ts',
    line: 'const channel = await deps.clients.channels.get(parseKey(key), { signal });',
    replacement: 'const channel = cached;',
    test: {
      file: 'operator/src/billing/reconcile.test.ts',
      name: 'the statement that is stored is answered, not one that a late cache still shows',
    },
  },
  {
    name: 'wrong unit',
    file: 'contracts/ts/amount.ts',
    line: 'const MILLISECONDS_PER_HOUR = 3_600_000n;',
    replacement: 'const MILLISECONDS_PER_HOUR = 3_600n;',
    test: { file: 'contracts/ts/amount.test.ts', name: 'amountFor' },
  },
  {
    name: 'unchecked signature',
    file: 'provider-agent/src/redeem/voucher.ts',
    line: 'if (signer === undefined || !isAddressEqual(signer, channel.signer)) {',
    replacement: 'if (signer === undefined) {',
    test: {
      file: 'provider-agent/src/redeem/decide.test.ts',
      name: 'a voucher of another signer, generation, chain or with broken bytes does not count',
    },
  },
];

/** The file's text with the sabotage in it. Throws when its line isn't there exactly once. */
export function planted(text: string, { name, file, line, replacement }: Sabotage): string {
  const lines = text.split('\n');
  const at = lines.flatMap((candidate, index) => (candidate.trim() === line ? [index] : []));
  if (at.length !== 1) {
    throw new Error(
      `"${name}" has no place in ${file} any more: its line is there ${at.length} times; name the line that now does the work of: ${line}`,
    );
  }
  const [index = 0] = at;
  const indentation = /^\s*/.exec(lines[index] ?? '')?.[0] ?? '';
  return [...lines.slice(0, index), indentation + replacement, ...lines.slice(index + 1)].join(
    '\n',
  );
}

import {
  type TransactionRecord,
  type TransactionStore,
  transactionName,
} from '../ts/transaction.ts';

export type MemoryStore = TransactionStore & {
  /** What is stored, whoever asks. */
  readonly records: ReadonlyMap<string, TransactionRecord>;
  /** Takes a record away behind the sender's back. */
  forget(name: string): void;
};

/** A store that outlives the senders of a test, as an API server outlives a program. */
export function memoryStore(): MemoryStore {
  const records = new Map<string, TransactionRecord>();
  let version = 0;
  return {
    records,
    forget: (name) => records.delete(name),
    list: async (chainId, signer) =>
      [...records.values()]
        .filter(({ spec }) => spec.chainId === chainId && spec.signer === signer)
        .sort((a, b) => Number(a.spec.nonce) - Number(b.spec.nonce)),
    create: async (spec) => {
      const name = transactionName(spec);
      if (records.has(name)) return undefined;
      const status = { state: 'Built', message: '' } as const;
      const record = { name, version: String(++version), spec, status };
      records.set(name, record);
      return record;
    },
    update: async (record, status) => {
      if (records.get(record.name)?.version !== record.version) return undefined;
      const next = { ...record, version: String(++version), status };
      records.set(record.name, next);
      return next;
    },
    delete: async ({ name }) => {
      records.delete(name);
    },
  };
}

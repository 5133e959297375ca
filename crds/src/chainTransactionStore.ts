import { ApiError } from '@gridlease/kube/apiError';
import { getCondition, setCondition } from '@gridlease/kube/conditions';
import type { Informer } from '@gridlease/kube/informer';
import type { ResourceClient } from '@gridlease/kube/resources';
import { activeTraceparent } from '@gridlease/kube/tracing';
import type {
  ChainTransaction,
  ChainTransactionSpec,
  ChainTransactionStatus,
} from './chaintransaction.ts';
import type { ReasonOf } from './conditionReasons.ts';
import { API_VERSION } from './labels.ts';
import { ANNOTATION_TRACEPARENT } from './traces.ts';

/** Where a transaction stands: the reason of its condition. */
export type TransactionState = ReasonOf<'ChainTransaction', 'Succeeded'>;

/** The status with its condition as two plain fields, as the sender of contracts/ts works with it. */
export type SentStatus = Omit<ChainTransactionStatus, 'conditions'> & {
  readonly state: TransactionState;
  readonly message: string;
};

export type SentTransaction = {
  readonly name: string;
  readonly version: string;
  readonly spec: ChainTransactionSpec;
  readonly status: SentStatus;
  /** The span that it was sent in; undefined without tracing. */
  readonly traceparent?: string | undefined;
};

/** A stored object as the sender sees it; without a status it is Built. */
export function sentTransaction({ metadata, spec, status }: ChainTransaction): SentTransaction {
  const { conditions, ...rest } = status ?? {};
  const succeeded = getCondition(conditions, 'Succeeded');
  const state = (succeeded?.reason ?? 'Built') as TransactionState;
  const { name, resourceVersion = '' } = metadata;
  const message = succeeded?.message ?? '';
  const traceparent = metadata.annotations?.[ANNOTATION_TRACEPARENT];
  return { name, version: resourceVersion, spec, status: { ...rest, state, message }, traceparent };
}

/** Whether what it is meant for has happened for good, can't happen any more, or is open. */
function conditionStatus({ state, receipt }: SentStatus): 'True' | 'False' | 'Unknown' {
  if (state === 'Final') return receipt?.success === true ? 'True' : 'False';
  return state === 'Replaced' || state === 'Dropped' ? 'False' : 'Unknown';
}

/**
 * ChainTransactions of one namespace as the sender's durable store. Reads from the informer, which is told
 * of every write; writes carry the resourceVersion that was read. Here, because contracts/ts knows no
 * Kubernetes and kube knows no kind, and both programs need the same.
 */
export function chainTransactionStore(options: {
  readonly client: ResourceClient<ChainTransaction>;
  /** Of `namespace`. */
  readonly informer: Pick<Informer<ChainTransaction>, 'list' | 'get' | 'observe' | 'synced'>;
  readonly namespace: string;
  readonly fieldManager: string;
  readonly now: () => Date;
}) {
  const { client, informer, namespace, fieldManager } = options;
  const call = (signal?: AbortSignal) => ({ fieldManager, ...(signal && { signal }) });
  const isSame = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const stored = (name: string) => informer.get(`${namespace}/${name}`);

  /** What is stored under the name now, put into the cache. */
  async function refresh(name: string, signal?: AbortSignal): Promise<void> {
    const found = await client.find({ namespace, name }, signal && { signal });
    if (found !== undefined) informer.observe(found);
  }

  return {
    async list(chainId: number, signer: string, signal?: AbortSignal) {
      await informer.synced(signal);
      return informer
        .list(namespace)
        .filter(({ spec }) => spec.chainId === chainId && isSame(spec.signer, signer))
        .map(sentTransaction)
        .sort((a, b) => (BigInt(a.spec.nonce) < BigInt(b.spec.nonce) ? -1 : 1));
    },
    async create(
      spec: ChainTransactionSpec,
      signal?: AbortSignal,
    ): Promise<SentTransaction | undefined> {
      const name = `tx-${spec.chainId}-${spec.signer.slice(2).toLowerCase()}-${spec.nonce}`;
      const traceparent = activeTraceparent();
      const annotations = traceparent && { [ANNOTATION_TRACEPARENT]: traceparent };
      const metadata = { name, namespace, ...(annotations && { annotations }) };
      const object = { apiVersion: API_VERSION, kind: 'ChainTransaction', metadata, spec };
      try {
        const written = await client.create(object, call(signal));
        informer.observe(written);
        return sentTransaction(written);
      } catch (error) {
        if (!(error instanceof ApiError) || !error.isAlreadyExists) throw error;
        await refresh(name, signal);
        return undefined;
      }
    },
    async update(
      { name, version }: SentTransaction,
      { state, message, ...rest }: SentStatus,
      signal?: AbortSignal,
    ): Promise<SentTransaction | undefined> {
      const current = stored(name);
      if (current?.metadata.resourceVersion !== version) return undefined;
      const status: ChainTransactionStatus = {
        ...rest,
        conditions: setCondition(
          current.status?.conditions,
          {
            type: 'Succeeded',
            status: conditionStatus({ ...rest, state, message }),
            reason: state,
            message: message.slice(0, 1_024),
          },
          options.now(),
        ),
      };
      try {
        const written = await client.replaceStatus({ ...current, status }, call(signal));
        informer.observe(written);
        return sentTransaction(written);
      } catch (error) {
        if (!(error instanceof ApiError) || !(error.isConflict || error.isNotFound)) throw error;
        await refresh(name, signal);
        return undefined;
      }
    },
    async delete({ name, version }: SentTransaction, signal?: AbortSignal): Promise<void> {
      const { uid, resourceVersion } = stored(name)?.metadata ?? {};
      if (uid === undefined || resourceVersion !== version) return;
      await client.delete({ namespace, name }, { uid, ...(signal && { signal }) });
    },
  };
}

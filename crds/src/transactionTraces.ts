import { parseTraceparent } from '@gridlease/kube/traceContext';
import { childOf, recordSpan, type SpanAttributes } from '@gridlease/kube/tracing';
import { transactionSpan } from './traces.ts';

type Hex = `0x${string}`;

/** What is told of a stored transaction; its bytes are not. */
type Told = {
  readonly traceparent?: string | undefined;
  readonly spec: {
    readonly chainId: number;
    readonly signer: Hex;
    readonly nonce: string;
    readonly operation: string;
    readonly signed: { readonly hash: Hex; readonly signedTime: string };
  };
  readonly status: {
    readonly state: string;
    readonly receipt?:
      | {
          readonly transactionHash: Hex;
          readonly blockNumber: string;
          readonly gasUsed: string;
          readonly success: boolean;
        }
      | undefined;
  };
};

/**
 * Records what became of a transaction, once each: that it was mined, and its end. Its trace is named by
 * the hash that was mined, which everybody reads from the chain; what it was sent for is a link.
 */
export function recordTransaction(
  change: { readonly record: Told; readonly before: string; readonly state: string },
  now: Date,
): void {
  const { record, before, state } = change;
  const { spec, status } = record;
  const isMined = state === 'Mined' || state === 'Safe' || state === 'Final';
  const wasMined = before === 'Mined' || before === 'Safe';
  const isOver = state === 'Final' || state === 'Replaced' || state === 'Dropped';
  if (before === state || !(isOver || (isMined && !wasMined))) return;
  const startMs = Date.parse(spec.signed.signedTime);
  const endMs = now.getTime();
  const whole = () => {
    const cause = parseTraceparent(record.traceparent);
    const hash = status.receipt?.transactionHash ?? spec.signed.hash;
    return cause && { cause, context: transactionSpan(hash, [cause]) };
  };
  const failed = isMined && status.receipt?.success === false ? { error: 'reverted' } : {};
  if (isMined && !wasMined) {
    recordSpan(() => {
      const found = whole();
      if (found === undefined) return undefined;
      const { spanId: parentSpanId } = found.context;
      const context = childOf(found.context);
      const attributes = attributesOf(record);
      return {
        name: 'transaction mined',
        context,
        parentSpanId,
        startMs,
        endMs,
        attributes,
        ...failed,
      };
    });
  }
  if (isOver) {
    recordSpan(() => {
      const found = whole();
      if (found === undefined) return undefined;
      const { context, cause } = found;
      const attributes = attributesOf(record);
      const error = isMined ? failed : { error: state };
      return { name: 'transaction', context, startMs, endMs, attributes, links: [cause], ...error };
    });
  }
}

function attributesOf({ spec, status }: Told): SpanAttributes {
  return {
    'gridlease.chain.id': spec.chainId,
    'gridlease.transaction.hash': status.receipt?.transactionHash ?? spec.signed.hash,
    'gridlease.transaction.operation': spec.operation,
    'gridlease.transaction.signer': spec.signer,
    'gridlease.transaction.nonce': spec.nonce,
    'gridlease.transaction.state': status.state,
    'gridlease.transaction.block': status.receipt?.blockNumber,
    'gridlease.transaction.gas_used': status.receipt?.gasUsed,
  };
}

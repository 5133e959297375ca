import type { LocalAccount, TransactionReceipt } from 'viem';
import {
  isEnded,
  type SignedForm,
  signedForms,
  type TransactionRecord,
  type TransactionStatus,
  type TransactionStore,
} from './transaction.ts';
import { callOf, emptyCall, signForm, type TransactionChain } from './transactionChain.ts';
import {
  type ChainView,
  decideTransaction,
  type TransactionPolicy,
  type TransactionStep,
} from './transactionDecide.ts';
import { nextFees } from './transactionFees.ts';

type StepOptions = {
  readonly chain: TransactionChain;
  readonly chainId: number;
  readonly account: LocalAccount;
  readonly store: Pick<TransactionStore, 'update'>;
  readonly clock: { now(): Date };
  readonly policy: TransactionPolicy;
  /** Most that a unit of gas may cost, in wei. */
  readonly cap: bigint;
  readonly skippedIn?:
    | ((record: TransactionRecord, receipt: TransactionReceipt) => TransactionStatus['skipped'])
    | undefined;
};

/** Decides about one stored transaction and does it: what is to be sent is stored first, always. */
export function transactionSteps(options: StepOptions) {
  const { chain, chainId, account, store, clock, policy, cap } = options;
  const { address } = account;
  const nowText = () => `${clock.now().toISOString().slice(0, 19)}Z`;

  /** Undefined while gas costs more than is allowed. */
  async function feesFor(percent: number, before?: SignedForm, signal?: AbortSignal) {
    const asked = await chain.fees(signal);
    return nextFees({
      asked,
      percent,
      cap,
      before: before && {
        maxFeePerGas: BigInt(before.maxFeePerGas),
        maxPriorityFeePerGas: BigInt(before.maxPriorityFeePerGas),
      },
    });
  }

  async function look(record: TransactionRecord, view: ChainView, signal?: AbortSignal) {
    const sighting = await chain.sighting(record, signal);
    const input = { record, view, sighting, policy, nowMs: clock.now().getTime() };
    const step = decideTransaction(input);
    if (step.do !== 'Replace' || signedForms(record).at(-1)?.cancels === true) return step;
    // Before it is paid more for: it may have become pointless since.
    const refusal = await chain.refusal(callOf(record), signal);
    return refusal === undefined ? step : decideTransaction({ ...input, refusal });
  }

  async function take(
    record: TransactionRecord,
    step: TransactionStep,
    signal?: AbortSignal,
  ): Promise<TransactionRecord | undefined> {
    const { status } = record;
    if (step.do === 'Wait') return undefined;
    if (step.do === 'Record') {
      const { state, message, receipt } = step;
      const skipped =
        receipt === undefined || options.skippedIn === undefined
          ? undefined
          : options.skippedIn(record, await chain.receipt(receipt.transactionHash, signal));
      const next = statusWith(status, { state, message, receipt, skipped });
      const finishedTime = isEnded({ status: next }) ? { finishedTime: nowText() } : {};
      return store.update(record, { ...next, ...finishedTime }, signal);
    }
    if (step.do === 'Resend') {
      const problem = await chain.broadcast(signedForms(record).at(-1)!, signal);
      const message = problem === undefined ? step.message : `${step.message}; ${problem}`;
      if (step.state === undefined && (problem === undefined || status.message === message)) {
        return undefined;
      }
      const state = step.state ?? status.state;
      const sentTime = state === 'Sent' ? { sentTime: nowText() } : {};
      return store.update(
        record,
        { ...statusWith(status, { state, message }), ...sentTime },
        signal,
      );
    }
    return raise(record, step, signal);
  }

  /** Signs the nonce again for a higher fee: the same call, or none. */
  async function raise(
    record: TransactionRecord,
    step: { readonly do: 'Replace' | 'Cancel'; readonly message: string },
    signal?: AbortSignal,
  ): Promise<TransactionRecord | undefined> {
    const { status } = record;
    const cancels = step.do === 'Cancel' || signedForms(record).at(-1)?.cancels === true;
    const fees = await feesFor(100, signedForms(record).at(-1), signal);
    // Dearer than allowed: what was sent may still be mined, so it is only kept at the nodes.
    if (fees === undefined) {
      await chain.broadcast(signedForms(record).at(-1)!, signal);
      return undefined;
    }
    const call = cancels ? emptyCall(chainId, BigInt(record.spec.nonce), address) : callOf(record);
    const form = {
      ...(await signForm(account, call, fees, clock.now())),
      ...(cancels && { cancels }),
    };
    const replacements = [...(status.replacements ?? []), form];
    const next = { ...statusWith(status, { state: 'Sent', message: step.message }), replacements };
    const stored = await store.update(record, next, signal);
    if (stored !== undefined) await chain.broadcast(form, signal);
    return stored;
  }

  return { look, take, feesFor };
}

/** The status in another state; a receipt and skipped rows belong to the state they were seen in. */
function statusWith(
  status: TransactionStatus,
  next: Pick<TransactionStatus, 'state' | 'message' | 'receipt' | 'skipped'>,
): TransactionStatus {
  const { receipt: _receipt, skipped: _skipped, ...kept } = status;
  const { state, message, receipt, skipped } = next;
  return {
    ...kept,
    state,
    message,
    ...(receipt === undefined ? {} : { receipt }),
    ...(skipped === undefined ? {} : { skipped }),
  };
}

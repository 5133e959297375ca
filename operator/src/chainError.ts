import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { GridleaseError, type Retry } from '@gridlease/kube/errors';
import {
  BaseError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  decodeErrorResult,
  ExecutionRevertedError,
  isHex,
} from 'viem';

/** The chain said no, or said nothing. Carries no address of the RPC. */
export class ChainError extends GridleaseError {
  /** Whether the chain answered: its no is final, silence proves nothing. */
  readonly answered: boolean;

  constructor(
    message: string,
    options: { readonly answered?: boolean; readonly retry?: Retry } = {},
  ) {
    super(message, options.retry === undefined ? {} : { retry: options.retry });
    this.answered = options.answered ?? false;
  }
}

/**
 * Turns an error of viem into ours. The cause is dropped on purpose: its text holds the RPC's address,
 * which may carry credentials.
 */
export function chainError(what: string, error: unknown): ChainError {
  if (error instanceof ChainError) return error;
  if (!(error instanceof BaseError)) {
    const name = error instanceof Error ? error.name : 'unknown error';
    return new ChainError(`${what} failed (${name})`);
  }
  const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (reverted instanceof ContractFunctionRevertedError) {
    const named = reverted.data;
    const text = named
      ? `${named.errorName}(${(named.args ?? []).join(', ')})`
      : (reverted.reason ?? 'without a reason');
    return new ChainError(`${what} was refused by the contract: ${text}`, { answered: true });
  }
  const named = revertOf(error);
  if (named !== undefined) {
    return new ChainError(`${what} was refused by the contract: ${named}`, { answered: true });
  }
  const answered = error.walk(
    (cause) =>
      cause instanceof ContractFunctionZeroDataError || cause instanceof ExecutionRevertedError,
  );
  const short = error.shortMessage.replace(/https?:\/\/\S+/g, 'the RPC').split('\n')[0];
  return new ChainError(`${what} failed: ${short}`, { answered: answered !== null });
}

/** The escrow's own error in a plain call's answer. */
function revertOf(error: BaseError): string | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { data } = cause as { data?: unknown };
    if (!isHex(data) || data === '0x') continue;
    try {
      const { errorName, args } = decodeErrorResult({ abi: gpuEscrowAbi, data });
      return `${errorName}(${(args ?? []).join(', ')})`;
    } catch {
      // Another contract's error: the caller's sentence has to do.
      return undefined;
    }
  }
  return undefined;
}

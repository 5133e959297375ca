import { BaseError, ContractFunctionRevertedError, parseEther } from 'viem';

/** Why something failed, in a line for people: where a contract refused, with its own error and that one's figures. */
export const wordsOf = (error: unknown): string => {
  if (!(error instanceof BaseError)) return error instanceof Error ? error.message : String(error);
  const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  const { data } = (reverted ?? {}) as Partial<ContractFunctionRevertedError>;
  if (data === undefined) return error.shortMessage;
  const figures = (data.args ?? []).map(String).join(', ');
  return `${error.shortMessage.split('\n')[0]} ${data.errorName}(${figures})`;
};

/** What --gas says, in wei; undefined where it isn't given. Throws an error that names the option. */
export const coinOf = ({ gas }: { readonly gas?: string | undefined }): bigint | undefined => {
  if (gas === undefined) return undefined;
  if (!/^(0|[1-9][0-9]*)(\.[0-9]{1,18})?$/.test(gas)) {
    throw new Error(`--gas is "${gas}": write an amount of the chain's coin, such as 0.1`);
  }
  return parseEther(gas);
};

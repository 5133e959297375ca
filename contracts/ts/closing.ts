import { encodeFunctionData, type Hex } from 'viem';
import type { ChannelKey } from './channel.ts';
import type { CloseConsent } from './closeConsent.ts';
import { gpuEscrowAbi } from './gpuEscrow.generated.ts';
import { compactSignature } from './typedData.ts';

/** Call data of `requestClose`, sent by the channel's tenant or signer. */
export function encodeRequestClose(key: ChannelKey, generation: number): Hex {
  return encodeFunctionData({
    abi: gpuEscrowAbi,
    functionName: 'requestClose',
    args: [key.tenant, key.provider, key.signer, generation],
  });
}

/** Call data of `finalizeClose`; anyone may send it once the close window has passed. */
export function encodeFinalizeClose(key: ChannelKey): Hex {
  return encodeFunctionData({
    abi: gpuEscrowAbi,
    functionName: 'finalizeClose',
    args: [key.tenant, key.provider, key.signer],
  });
}

/** Call data of `closeAsProvider`: closes at once and gives up what is not claimed. */
export function encodeCloseAsProvider(key: ChannelKey, generation: number): Hex {
  return encodeFunctionData({
    abi: gpuEscrowAbi,
    functionName: 'closeAsProvider',
    args: [key.tenant, key.signer, generation],
  });
}

/** Call data of `closeWithConsent`; anyone may send it. `signature` is the provider's, 65 bytes. */
export function encodeCloseWithConsent(consent: CloseConsent, signature: Hex): Hex {
  const { r, vs } = compactSignature(signature);
  return encodeFunctionData({
    abi: gpuEscrowAbi,
    functionName: 'closeWithConsent',
    args: [{ ...consent, validUntil: Number(consent.validUntil) }, r, vs],
  });
}

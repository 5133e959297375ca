import { type Hex, keccak256, stringToHex } from 'viem';

/** The 32-byte name of a normalised GPU product ("H100-SXM5-80GB"): keccak256 of its UTF-8 bytes. */
export function productId(product: string): Hex {
  return keccak256(stringToHex(product));
}

/** The 32-byte form of a Kubernetes UID in signed messages: keccak256 of its UTF-8 bytes. */
export function uidToBytes32(uid: string): Hex {
  return keccak256(stringToHex(uid));
}

/** The identity of a hub: the UID of its `kube-system` namespace, which lives as long as the cluster. */
export function hubId(kubeSystemUid: string): Hex {
  return uidToBytes32(kubeSystemUid);
}

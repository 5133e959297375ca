/** Lower- or mixed-case hexadecimal with the 0x prefix: addresses, hashes, signatures. */
export type Hex = `0x${string}`;

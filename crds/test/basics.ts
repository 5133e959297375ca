import type { Hex } from '../src/hex.ts';

/** Building blocks of the samples. */

export const address = (digit: string): Hex => `0x${digit.repeat(40)}`;
export const hash = (digit: string): Hex => `0x${digit.repeat(64)}`;
export const signature = (digit: string): Hex => `0x${digit.repeat(130)}`;
export const now = '2026-01-01T00:00:00Z';
export const image = `registry.example/train@sha256:${'a'.repeat(64)}`;

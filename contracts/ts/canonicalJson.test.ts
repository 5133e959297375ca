import { describe, expect, test } from '@jest/globals';
import { keccak256, stringToHex } from 'viem';
import { canonicalJson, hashDocument } from './canonicalJson.ts';
import { hubId, productId, uidToBytes32 } from './ids.ts';

describe('canonicalJson', () => {
  test.each([
    ['members are sorted', { b: 1, a: [2, 1] }, '{"a":[2,1],"b":1}'],
    ['numbers have one form', { a: 1e3, b: 1.5 }, '{"a":1000,"b":1.5}'],
    ['undefined members are absent', { a: undefined, b: null }, '{"b":null}'],
    ['text stays as it is', { ä: '€' }, '{"ä":"€"}'],
  ])('%s', (_, value, expected) => {
    expect(canonicalJson(value)).toBe(expected);
  });

  test.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['NaN', { a: Number.NaN }],
    ['a bigint', { a: 1n }],
  ])('%s is refused', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  test('hashDocument is the keccak256 of the text, whatever the order of members', () => {
    const hash = hashDocument({ protocolVersion: 1, image: 'a' });
    expect(hash).toBe(hashDocument({ image: 'a', protocolVersion: 1 }));
    expect(hash).toBe(keccak256(stringToHex('{"image":"a","protocolVersion":1}')));
  });
});

test('identities are hashes of their text', () => {
  expect(productId('H100')).toBe(keccak256(stringToHex('H100')));
  expect(hubId('3f0c')).toBe(uidToBytes32('3f0c'));
  expect(uidToBytes32('3f0c')).not.toBe(uidToBytes32('3f0d'));
});

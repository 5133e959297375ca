import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { derivedName } from './names.ts';

describe('a derived name', () => {
  test('is the same for the same parts and differs where the parts differ', () => {
    expect(derivedName('lease', 'uid', 0, 1)).toBe(derivedName('lease', 'uid', 0, 1));
    expect(derivedName('lease', 'a', 'bc')).not.toBe(derivedName('lease', 'ab', 'c'));
  });

  test('stays the same in the next release: objects in clusters carry it', () => {
    expect(derivedName('lease', 'uid', 0, 1n)).toMatchInlineSnapshot(
      `"lease-dua6psnasdiglinsutkpjcu4"`,
    );
  });

  test('is a DNS label whatever the prefix', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (prefix, part) => {
        const name = derivedName(prefix, part);
        expect(name.length).toBeLessThanOrEqual(63);
        expect(name).toMatch(/^[a-z]([-a-z0-9]*[a-z0-9])?$/);
      }),
    );
  });
});

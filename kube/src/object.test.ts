import { expect, test } from '@jest/globals';
import { objectKey, parseKey, refKey } from './object.ts';

test('a key names its object and can be read back', () => {
  for (const ref of [{ name: 'a' }, { namespace: 'n', name: 'a' }]) {
    expect(parseKey(refKey(ref))).toEqual(ref);
    expect(objectKey({ metadata: ref })).toBe(refKey(ref));
  }
});

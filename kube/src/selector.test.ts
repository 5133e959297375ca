import { expect, test } from '@jest/globals';
import { selectorMatcher } from './selector.ts';

test.each([
  ['no selector', {}, true],
  ['equal labels', { labelSelector: 'a=1, b == 2' }, true],
  ['another value', { labelSelector: 'a=2' }, false],
  ['a label that is there', { labelSelector: 'a, b=2' }, true],
  ['a label that is not there', { labelSelector: 'c' }, false],
  ['a label that must not be there', { labelSelector: '!c' }, undefined],
  ['an expression', { labelSelector: 'a in (1,2)' }, undefined],
  ['a negation', { labelSelector: 'a!=2' }, undefined],
  ['a field', { fieldSelector: 'metadata.name=x' }, undefined],
])('a selection with %s is decided here only when that is certain', (_, selector, wanted) => {
  const object = {
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'x', labels: { a: '1', b: '2' } },
  };
  expect(selectorMatcher(selector)(object)).toBe(wanted);
});

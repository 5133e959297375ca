import { expect, test } from '@jest/globals';
import { createTurns } from './turns.ts';

test('so many at a time, urgent ones first, otherwise in order', async () => {
  const takeTurn = createTurns(2);
  const order: string[] = [];
  let open = 0;
  let most = 0;
  const work = async (name: string, isUrgent: boolean): Promise<void> => {
    const done = await takeTurn(isUrgent);
    most = Math.max(most, ++open);
    order.push(name);
    await new Promise(setImmediate);
    open--;
    done();
  };
  await Promise.all([
    work('a', false),
    work('b', false),
    work('c', false),
    work('d', false),
    work('e', true),
    work('f', true),
  ]);
  expect(order).toEqual(['a', 'b', 'e', 'f', 'c', 'd']);
  expect(most).toBe(2);
  await work('g', false);
  expect(order.at(-1)).toBe('g');
});

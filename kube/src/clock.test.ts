import { expect, jest, test } from '@jest/globals';
import { systemTimers } from './clock.ts';

test('a moment that has passed meanwhile is now: Node is asked for no negative time', async () => {
  const asked = jest.spyOn(globalThis, 'setTimeout');
  try {
    await new Promise<void>((resolve) => {
      systemTimers.after(-0.25, resolve);
    });
    expect(asked.mock.calls.map(([, ms]) => ms)).toEqual([0]);
  } finally {
    asked.mockRestore();
  }
});

import { expect, test } from '@jest/globals';
import { keptSenders } from './keptSenders.ts';
import type { TransactionSender } from './transactionSender.ts';

const senders = () => {
  let made = 0;
  return keptSenders<{ readonly rpc: string }, string>(
    () => ({ number: ++made }) as unknown as TransactionSender,
  );
};

test('one id keeps its sender while its chain keeps its client', () => {
  const senderFor = senders();
  const client = { rpc: 'a' };
  expect(senderFor('1/0xaa', client, 'key')).toBe(senderFor('1/0xaa', client, 'key'));
  expect(senderFor('1/0xaa', client, 'key')).not.toBe(senderFor('1/0xbb', client, 'key'));
});

test('a chain with another RPC gets another sender, for the client of the old one is closed', () => {
  const senderFor = senders();
  const before = senderFor('1/0xaa', { rpc: 'a' }, 'key');
  const client = { rpc: 'b' };
  const after = senderFor('1/0xaa', client, 'key');
  expect(after).not.toBe(before);
  expect(senderFor('1/0xaa', client, 'key')).toBe(after);
});

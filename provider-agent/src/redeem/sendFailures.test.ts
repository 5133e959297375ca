import { ChainUnavailableError } from '@gridlease/kube/chainUnavailable';
import { expect, test } from '@jest/globals';
import { CallExecutionError, ExecutionRevertedError } from 'viem';
import { createSendFailures } from './sendFailures.ts';

function aChannelThatFails() {
  let nowMs = 1_000;
  const failures = createSendFailures({ monotonicMs: () => nowMs });
  return {
    reason: () => failures.problemOf('a')?.reason,
    threwAt(ms: number, error: Error) {
      nowMs = ms;
      failures.threw('a', error);
      return failures.problemOf('a')?.message;
    },
    refused: () => failures.refused('a', { reason: 'GasTooLow', message: 'send it some' }),
    over: () => failures.over('a'),
  };
}

const lost = new Error('socket hang up');
const reverted = new ChainUnavailableError('simulating failed: paused', {
  cause: new CallExecutionError(new ExecutionRevertedError({ message: 'paused' }), {}),
});

test('an answer that was lost is no problem of a channel until its tries have failed for 15 s', () => {
  const channel = aChannelThatFails();
  expect(channel.threwAt(1_000, lost)).toBeUndefined();
  expect(channel.threwAt(15_999, lost)).toBeUndefined();
  expect(channel.threwAt(16_000, lost)).toBe('socket hang up');
  expect(channel.reason()).toBe('RedeemFailing');
});

test('a try that was sent begins the count anew', () => {
  const channel = aChannelThatFails();
  channel.threwAt(1_000, lost);
  channel.over();
  expect(channel.threwAt(60_000, lost)).toBeUndefined();
});

test('what the contract refuses is a problem at once', () => {
  const channel = aChannelThatFails();
  expect(channel.threwAt(1_000, reverted)).toBe('simulating failed: paused');
  expect(channel.reason()).toBe('RedeemFailing');
});

test('a lost answer takes nothing back that the chain has said, and adds nothing', () => {
  const channel = aChannelThatFails();
  channel.refused();
  expect(channel.threwAt(60_000, lost)).toBe('send it some');
  expect(channel.threwAt(75_000, lost)).toBe('socket hang up');
  channel.over();
  expect(channel.reason()).toBeUndefined();
});

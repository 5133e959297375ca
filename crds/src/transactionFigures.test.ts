import { mapInformer } from '@gridlease/kube/testing/mapInformer';
import { describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import type { ChainTransaction } from './chaintransaction.ts';
import { finalFigures, followTransactions, pendingSinceMs } from './transactionFigures.ts';

const signedMs = Date.parse('2026-03-01T12:00:00Z');
const hash = `0x${'11'.repeat(32)}` as const;
const address = `0x${'22'.repeat(20)}` as const;

type Options = {
  readonly name?: string;
  readonly state?: string;
  readonly operation?: ChainTransaction['spec']['operation'];
  readonly finishedTime?: string;
};

function aTransaction({
  name = 'tx-1',
  state,
  operation = 'FundChannel',
  finishedTime,
}: Options): ChainTransaction {
  const isMined = state === 'Mined' || state === 'Safe' || state === 'Final';
  return {
    apiVersion: 'gridlease.dev/v1alpha1',
    kind: 'ChainTransaction',
    metadata: { name, namespace: 'gridlease-system' },
    spec: {
      chainId: 1,
      signer: address,
      nonce: '0',
      operation,
      description: 'funding',
      to: address,
      value: '0',
      gas: '100000',
      signed: {
        hash,
        raw: '0x00',
        maxFeePerGas: '1',
        maxPriorityFeePerGas: '1',
        signedTime: '2026-03-01T12:00:00Z',
      },
    },
    status: {
      ...(state === undefined
        ? {}
        : {
            conditions: [
              {
                type: 'Succeeded',
                status: 'Unknown',
                reason: state,
                message: '',
                lastTransitionTime: '2026-03-01T12:00:00Z',
              },
            ],
          }),
      ...(isMined
        ? {
            receipt: {
              ...{ transactionHash: hash, blockNumber: '1', blockHash: hash, success: false },
              ...{ gasUsed: '50000', effectiveGasPrice: '2000000000' },
            },
          }
        : {}),
      ...(finishedTime === undefined ? {} : { finishedTime }),
    },
  };
}

describe('a transaction', () => {
  test.each([
    [undefined, signedMs],
    ['Sent', signedMs],
    ['Unknown', signedMs],
    ['Mined', undefined],
    ['Final', undefined],
    ['Dropped', undefined],
  ])('in state %s is pending since %s', (state, since) => {
    expect(pendingSinceMs(aTransaction(state === undefined ? {} : { state }))).toBe(since);
  });

  test('has figures once its end is final: a reverted one has cost gas too', () => {
    expect(finalFigures(aTransaction({ state: 'Mined' }))).toBeUndefined();
    const final = aTransaction({ state: 'Final', finishedTime: '2026-03-01T12:00:42Z' });
    expect(finalFigures(final)).toEqual({ seconds: 42, gasCoins: 0.0001 });
  });
});

test('what is under way is shown, what ended is counted once, and what was there before is not', async () => {
  const registry = new Registry();
  const finishedTime = '2026-03-01T12:00:42Z';
  const transactions = mapInformer(aTransaction({ name: 'old', state: 'Final', finishedTime }));
  const clock = { now: () => new Date(signedMs + 90_000) };
  followTransactions(registry, transactions, ['FundChannel'], clock);
  const lines = async () => (await registry.metrics()).split('\n');
  expect(await lines()).toContain('gridlease_chain_gas_coins_total{op="fund"} 0');
  transactions.put(aTransaction({ state: 'Sent' }));
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'gridlease_chain_tx_pending{op="fund"} 1',
      'gridlease_chain_tx_pending{op="release"} 0',
      'gridlease_chain_tx_oldest_pending_seconds 90',
    ]),
  );
  const final = aTransaction({ state: 'Final', finishedTime });
  transactions.put(final);
  transactions.put({ ...final });
  transactions.remove('gridlease-system/tx-1');
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'gridlease_chain_tx_pending{op="fund"} 0',
      'gridlease_chain_tx_oldest_pending_seconds 0',
      'gridlease_chain_tx_confirmation_seconds_sum{op="fund"} 42',
      'gridlease_chain_tx_confirmation_seconds_count{op="fund"} 1',
      'gridlease_chain_gas_coins_total{op="fund"} 0.0001',
    ]),
  );
});

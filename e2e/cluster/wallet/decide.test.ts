import { expect, test } from '@jest/globals';
import { delegatesToServe } from './decide.ts';

const own = '0xAbCdef0000000000000000000000000000000001';
const account = (address: string, delegateAddress?: string) => ({
  spec: { address },
  ...(delegateAddress === undefined ? {} : { status: { delegateAddress } }),
});

test.each([
  [
    'an account of its own address, however it is spelled',
    [account(own.toLowerCase(), '0xd1')],
    ['0xd1'],
  ],
  ['nothing for another tenant', [account('0x2', '0xd1')], []],
  ['nothing before the operator has named its delegate', [account(own)], []],
  ['a shared delegate once', [account(own, '0xd1'), account(own, '0xd1')], ['0xd1']],
])('the wallet serves %s', (_, accounts, expected) => {
  expect(delegatesToServe(accounts, own)).toEqual(expected);
});

import { escrowDomain } from '@gridlease/contracts/domain';
import { usageRowsRoot } from '@gridlease/contracts/usageRow';
import { hashUsageStatement, signUsageStatement } from '@gridlease/contracts/usageStatement';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { UsageRowOnObject } from '@gridlease/crds/statement';
import { keccak256, type LocalAccount, stringToHex, zeroHash } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { rowOf, statementOf } from '../billing/parse.ts';
import { bytes32, provider, startMs, tenant } from './money.ts';

const keyOf = (name: string): LocalAccount => privateKeyToAccount(keccak256(stringToHex(name)));

/** Development keys derived from their names. */
export const signers = {
  agent: keyOf('test agent'),
  delegate: keyOf('test delegate'),
  stranger: keyOf('test stranger'),
} as const;

const escrow = '0x00000000000000000000000000000000000e5c80';
export const domain = escrowDomain({ chainId: 31_337, escrow });
export const channelRef = {
  tenant,
  provider,
  signer: signers.delegate.address,
  generation: 1,
} as const;

/** The final row of lease `id` that never used a GPU. */
export function aRowOnObject(id: number): UsageRowOnObject {
  return {
    leaseId: bytes32(id),
    leaseName: `lease-${id}`,
    fromMs: startMs.toString(),
    toMs: startMs.toString(),
    gpuMs: '0',
    amount: '0',
    credit: '0',
    segmentsRoot: zeroHash,
    last: true,
  };
}

export type StatedOptions = {
  readonly seq?: bigint;
  readonly atMs?: bigint;
  readonly rows?: readonly UsageRowOnObject[];
  /** Default: the agent that the statement names. */
  readonly by?: LocalAccount;
  readonly resourceVersion?: string;
  readonly spec?: Partial<PaymentChannel['spec']>;
};

/** A channel whose agent has signed and stored a statement. */
export async function aStatedChannel(options: StatedOptions = {}): Promise<PaymentChannel> {
  const { seq = 1n, atMs = startMs, rows = [], by = signers.agent } = options;
  const on = {
    seq: seq.toString(),
    atMs: atMs.toString(),
    rowCount: rows.length,
    rowsRoot: usageRowsRoot(rows.map(rowOf)),
    foldedAmount: '0',
    foldedHead: zeroHash,
    cumulative: '0',
    prev: zeroHash,
    agent: signers.agent.address,
  };
  const unsigned = { ...on, hash: zeroHash, signature: zeroHash };
  const statement = statementOf(unsigned, channelRef);
  return {
    apiVersion: 'gridlease.dev/v1alpha1',
    kind: 'PaymentChannel',
    metadata: {
      namespace: 'gridlease-provider-alpha',
      name: 'channel',
      uid: 'channel-uid',
      resourceVersion: options.resourceVersion ?? '1',
    },
    spec: {
      ...channelRef,
      accountRef: { namespace: 'team', name: 'account', uid: 'account-uid' },
      providerName: 'alpha',
      chainId: 31_337,
      escrow,
      finals: [],
      ...options.spec,
    },
    status: {
      statement: {
        ...on,
        hash: hashUsageStatement(domain, statement),
        signature: await signUsageStatement(by, domain, statement),
      },
      rows,
    },
  };
}

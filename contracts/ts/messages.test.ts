import { describe, expect, test } from '@jest/globals';
import { compactSignatureToSignature, type Hex, serializeSignature, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import * as acceptance from './acceptance.ts';
import * as agentGrant from './agentGrant.ts';
import * as closeConsent from './closeConsent.ts';
import { hashDeviceSegment, segmentsRoot } from './deviceSegment.ts';
import { escrowDomain } from './domain.ts';
import * as leaseTerms from './leaseTerms.ts';
import { merkleRoot } from './merkle.ts';
import * as offer from './offer.ts';
import * as statementReply from './statementReply.ts';
import { compactSignature } from './typedData.ts';
import { hashUsageRow, usageRowsRoot } from './usageRow.ts';
import * as usageStatement from './usageStatement.ts';
import * as voucher from './voucher.ts';

const account = privateKeyToAccount(toHex(7n, { size: 32 }));
const address = account.address;
const hash: Hex = toHex(5n, { size: 32 });
const escrow = '0x00000000000000000000000000000000000000E5';
const domain = escrowDomain({ chainId: 31_337, escrow });
const channel = { tenant: address, provider: address, signer: address, generation: 1 };

/** One valid message of each kind, with its three functions bound. */
const messages = {
  Voucher: bind(voucher.hashVoucher, voucher.signVoucher, voucher.recoverVoucher, {
    tenant: address,
    provider: address,
    generation: 1,
    cumulative: 5n,
  }),
  LeaseTerms: bind(
    leaseTerms.hashLeaseTerms,
    leaseTerms.signLeaseTerms,
    leaseTerms.recoverLeaseTerms,
    {
      ...channel,
      hub: hash,
      hubEpoch: 1n,
      jobUid: hash,
      shard: 0,
      attempt: 1,
      offerHash: hash,
      workloadHash: hash,
      gpuCount: 1,
      spot: false,
      pricePerGpuHour: 2_100_000n,
      maxAmount: 100_000_000n,
      maxSeconds: 86_400,
      intervalSeconds: 60,
      graceSeconds: 30,
      prepaySeconds: 0,
      idleSeconds: 900,
      fenceSeconds: 60,
      retentionBps: 0,
      acceptBy: 1_900_000_000n,
    },
  ),
  StatementReply: bind(
    statementReply.hashStatementReply,
    statementReply.signStatementReply,
    statementReply.recoverStatementReply,
    { ...channel, statementHash: hash, refusalsRoot: hash, cumulative: 5n },
  ),
  Offer: bind(offer.hashOffer, offer.signOffer, offer.recoverOffer, {
    provider: address,
    hub: hash,
    product: hash,
    pricePerGpuHour: 1n,
    spotPricePerGpuHour: 0n,
    minGpus: 1,
    maxGpus: 8,
    maxSeconds: 0,
    policyHash: hash,
    validUntil: 1n,
    salt: hash,
  }),
  Acceptance: bind(
    acceptance.hashAcceptance,
    acceptance.signAcceptance,
    acceptance.recoverAcceptance,
    { leaseId: hash, leaseUid: hash, acceptedMs: 1n },
  ),
  UsageStatement: bind(
    usageStatement.hashUsageStatement,
    usageStatement.signUsageStatement,
    usageStatement.recoverUsageStatement,
    {
      ...channel,
      seq: 1n,
      atMs: 1n,
      rowCount: 0,
      rowsRoot: hash,
      foldedAmount: 0n,
      foldedHead: hash,
      cumulative: 0n,
      prev: hash,
    },
  ),
  CloseConsent: bind(
    closeConsent.hashCloseConsent,
    closeConsent.signCloseConsent,
    closeConsent.recoverCloseConsent,
    { ...channel, finalCumulative: 5n, validUntil: 1_900_000_000n },
  ),
  AgentGrant: bind(
    agentGrant.hashAgentGrant,
    agentGrant.signAgentGrant,
    agentGrant.recoverAgentGrant,
    { provider: address, agent: address, notBefore: 0n, notAfter: 1n },
  ),
};

type Domain = typeof domain;
function bind<Message extends object>(
  hashOf: (on: Domain, message: Message) => Hex,
  sign: (as: typeof account, on: Domain, message: Message) => Promise<Hex>,
  recover: (on: Domain, message: Message, signature: Hex) => Promise<string>,
  message: Message,
) {
  return {
    members: Object.keys(message),
    hash: (on: Domain, change: object = {}) => hashOf(on, { ...message, ...change }),
    sign: (on: Domain) => sign(account, on, message),
    recover: (on: Domain, signature: Hex, change: object = {}) =>
      recover(on, { ...message, ...change }, signature),
    value: message as Record<string, unknown>,
  };
}

/** Another valid value of the same type. */
function other(value: unknown): unknown {
  if (typeof value === 'bigint') return value + 1n;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return String(value).length === 66 ? toHex(6n, { size: 32 }) : escrow;
}

describe.each(Object.entries(messages))('%s', (_, message) => {
  test('recovers its signer from 65 bytes', async () => {
    const signature = await message.sign(domain);
    expect(signature).toHaveLength(132);
    expect(await message.recover(domain, signature)).toBe(address);
  });

  test('is bound to the chain and to the escrow', async () => {
    const signature = await message.sign(domain);
    const elsewhere = [
      escrowDomain({ chainId: 1, escrow }),
      escrowDomain({ chainId: 31_337, escrow: address }),
    ];
    for (const foreign of elsewhere) {
      expect(message.hash(foreign)).not.toBe(message.hash(domain));
      expect(await message.recover(foreign, signature)).not.toBe(address);
    }
  });

  test('commits to every member', async () => {
    const signature = await message.sign(domain);
    for (const member of message.members) {
      const change = { [member]: other(message.value[member]) };
      expect(message.hash(domain, change)).not.toBe(message.hash(domain));
      expect(await message.recover(domain, signature, change)).not.toBe(address);
    }
  });
});

test('a compact signature is the same signature in 64 bytes', async () => {
  const signature = await messages.Voucher.sign(domain);
  const { r, vs } = compactSignature(signature);
  const back = serializeSignature(compactSignatureToSignature({ r, yParityAndS: vs }));
  expect(back).toBe(signature);
});

test('a malformed signature is refused instead of recovered', async () => {
  await expect(messages.Voucher.recover(domain, '0x1234')).rejects.toThrow();
});

test('rows and segments are committed to by the roots of their struct hashes', () => {
  const segment = { leaseId: hash, device: hash, startMs: 1n, endMs: 2n };
  const row = {
    leaseId: hash,
    fromMs: 1n,
    toMs: 2n,
    gpuMs: 1n,
    amount: 1n,
    credit: 0n,
    segmentsRoot: segmentsRoot([segment]),
    last: false,
  };
  expect(segmentsRoot([segment])).toBe(merkleRoot([hashDeviceSegment(segment)]));
  expect(usageRowsRoot([row])).toBe(merkleRoot([hashUsageRow(row)]));
  expect(hashUsageRow({ ...row, last: true })).not.toBe(hashUsageRow(row));
});

import { signAcceptance } from '@gridlease/contracts/acceptance';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { expect, test } from '@jest/globals';
import { zeroHash } from 'viem';
import { aRowOnObject, aStatedChannel, domain, signers } from '../testing/billing.ts';
import { aLease } from '../testing/builders.ts';
import { bytes32, startMs } from '../testing/money.ts';
import type { Refusal } from './facts.ts';
import { gatherFacts, type Surroundings } from './gather.ts';
import { identityOf } from './parse.ts';

const gathered = (channel: PaymentChannel, around: Partial<Surroundings> = {}) =>
  gatherFacts(channel, {
    domain,
    findLease: async () => undefined,
    grantRefusal: async () => undefined,
    receivedMs: Number(startMs),
    lastHeartbeatMs: Number(startMs),
    skewMs: 5_000,
    heartbeatToleranceMs: 40_000,
    ...around,
  });

test('a lease is taken from the cache only while its row is counted: a settled one comes back as new', async () => {
  const asked: (readonly [string, boolean])[] = [];
  const accepted = {
    generation: 1,
    seq: '1',
    foldedAmount: '0',
    foldedHead: zeroHash,
    rows: [{ leaseId: bytes32(1), gpuMs: '0', amount: '0', last: false }],
  };
  const rows = [aRowOnObject(1), aRowOnObject(2)];
  await gathered(await aStatedChannel({ seq: 2n, rows, spec: { accepted } }), {
    findLease: async (name, { isNew }) => {
      asked.push([name, isNew]);
      return undefined;
    },
  });
  expect(asked).toEqual([
    ['lease-1', false],
    ['lease-2', true],
  ]);
});

test.each(['agent', 'stranger'] as const)(
  'the signer of a statement is the %s that signed, whoever it names',
  async (by) => {
    const facts = await gathered(await aStatedChannel({ by: signers[by] }));
    expect(facts).toMatchObject({ agent: signers.agent.address, signer: signers[by].address });
  },
);

test.each(['agent', 'stranger'] as const)(
  'the signer of an acceptance is the %s that signed, whoever it names',
  async (by) => {
    const bare = aLease();
    const lease = { ...bare, metadata: { ...bare.metadata, uid: `lease accepted by ${by}` } };
    const { leaseId, uid } = identityOf(lease, domain);
    const message = { leaseId, leaseUid: uid, acceptedMs: startMs };
    const acceptance = {
      leaseUid: uid,
      acceptedMs: startMs.toString(),
      agent: signers.agent.address,
      signature: await signAcceptance(signers[by], domain, message),
    };
    const accepted: GPULease = { ...lease, status: { ...lease.status, acceptance } };
    const channel = await aStatedChannel({ rows: [aRowOnObject(1)] });
    const facts = await gathered(channel, { findLease: async () => accepted });
    expect(facts?.rows[0]?.lease?.acceptance).toMatchObject({
      agent: signers.agent.address,
      signer: signers[by].address,
      expectedUid: uid,
    });
  },
);

test('why an agent may not sign for the provider is among the facts', async () => {
  const refusal: Refusal = { reason: 'GrantExpired', message: 'ran out' };
  const asked: string[] = [];
  const facts = await gathered(await aStatedChannel(), {
    grantRefusal: async (agent) => {
      asked.push(agent);
      return refusal;
    },
  });
  expect([asked, facts?.grantRefusal]).toEqual([[signers.agent.address], refusal]);
});

import { channelObjectName } from '@gridlease/contracts/channel';
import { readChannels } from '@gridlease/contracts/escrow';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { merkleRoot } from '@gridlease/contracts/merkle';
import { signStatementReply } from '@gridlease/contracts/statementReply';
import { signVoucher } from '@gridlease/contracts/voucher';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { ApiError } from '@gridlease/kube/apiError';
import { until } from '@gridlease/kube/testing/until';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import {
  asOperator,
  clients,
  domain,
  env,
  escrow,
  hubNamespace,
  owner,
  publicClient,
  recordNamespace,
  send,
  tenant,
} from './money.ts';

/** One tenant's channel with a lease on it, and a payer that answers statements. */
export async function aChannel(options: { refuse?: (row: { gpuMs: string }) => boolean } = {}) {
  const signer = privateKeyToAccount(generatePrivateKey());
  const key = { tenant: tenant.address, provider: owner.address, signer: signer.address };
  const name = channelObjectName(`account-${signer.address}`, owner.address, signer.address);
  await send(escrow, {
    abi: gpuEscrowAbi,
    functionName: 'fund',
    args: [owner.address, signer.address, 1, 1_000_000_000n],
  });
  // As the accept stage: no lease runs before its funds are final.
  await until('the funds to be final', async () => {
    const [state] = await readChannels(publicClient, escrow, [key], {
      blockTag: 'finalized',
    }).catch(() => []);
    return state !== undefined && state.reserved > 0n ? true : undefined;
  });
  await asOperator.create({
    apiVersion: 'gridlease.dev/v1alpha1',
    kind: 'PaymentChannel',
    metadata: { name, namespace: hubNamespace },
    spec: {
      accountRef: { namespace: 'team', name: 'team', uid: 'account' },
      providerName: 'alpha',
      ...key,
      chainId: env.chain.chainId,
      escrow,
      generation: 1,
      finals: [],
    },
  });
  const answered = new Set<string>();
  /** Answers the newest statement once, as the hub's billing would. */
  const pay = async (): Promise<void> => {
    const channel = await clients.channels.get({ name, namespace: hubNamespace });
    const { statement, rows = [] } = channel.status ?? {};
    if (statement === undefined || answered.has(statement.hash)) return;
    answered.add(statement.hash);
    const refused = rows.filter((row) => options.refuse?.(row) ?? false);
    const paid = rows.filter((row) => !refused.includes(row));
    const cumulative = paid.reduce(
      (sum, row) => sum + BigInt(row.amount),
      BigInt(statement.foldedAmount),
    );
    const refusals = refused.map(({ leaseId }) => ({
      leaseId,
      reason: 'MoreThanObserved',
      message: 'not seen',
    }));
    const reply = {
      ...key,
      generation: 1,
      statementHash: statement.hash,
      refusalsRoot: merkleRoot(refused.map(({ leaseId }) => leaseId)),
      cumulative,
    };
    const voucher = { tenant: key.tenant, provider: key.provider, generation: 1, cumulative };
    const answeredChannel: PaymentChannel = {
      ...channel,
      spec: {
        ...channel.spec,
        reply: {
          statementHash: reply.statementHash,
          refusalsRoot: reply.refusalsRoot,
          cumulative: cumulative.toString(),
          refusals,
          signature: await signStatementReply(signer, domain, reply),
        },
        voucher: {
          generation: 1,
          cumulative: cumulative.toString(),
          signature: await signVoucher(signer, domain, voucher),
        },
      },
    };
    try {
      await asOperator.replace(answeredChannel);
    } catch (error) {
      // The agent wrote in between: the newest state is answered at the next look.
      if (!(error instanceof ApiError) || !error.isConflict) throw error;
      answered.delete(statement.hash);
    }
  };
  const channel = () => clients.channels.get({ name, namespace: hubNamespace });
  const record = () => clients.channelRecords.get({ name, namespace: recordNamespace });
  const onChain = async () => (await readChannels(publicClient, escrow, [key]))[0]!;
  return { name, key, signer, pay, channel, record, onChain };
}

export type TestChannel = Awaited<ReturnType<typeof aChannel>>;

import type { EscrowDomain } from '@gridlease/contracts/domain';
import { signStatementReply } from '@gridlease/contracts/statementReply';
import type { ChannelRef } from '@gridlease/contracts/typedData';
import { signVoucher } from '@gridlease/contracts/voucher';
import type { PaymentChannelSpec } from '@gridlease/crds/paymentchannel';
import type { Hex, LocalAccount } from 'viem';
import type { Reply } from './decide.ts';
import { acceptedToObject } from './parse.ts';

/** The spec with the signed reply and voucher in it, and the leases that have ended. */
export async function signReply(options: {
  readonly spec: PaymentChannelSpec;
  readonly channel: ChannelRef;
  readonly statementHash: Hex;
  readonly reply: Reply;
  readonly domain: EscrowDomain;
  readonly account: LocalAccount;
}): Promise<PaymentChannelSpec> {
  const { spec, channel, statementHash, reply, domain, account } = options;
  const { cumulative, refusalsRoot } = reply;
  const { tenant, provider, generation } = channel;
  const [replySignature, voucherSignature] = await Promise.all([
    signStatementReply(account, domain, { ...channel, statementHash, refusalsRoot, cumulative }),
    signVoucher(account, domain, { tenant, provider, generation, cumulative }),
  ]);
  const listed = new Set(spec.finals.map(({ leaseId }) => leaseId));
  const added = reply.finals.filter(({ leaseId }) => !listed.has(leaseId));
  return {
    ...spec,
    reply: {
      statementHash,
      refusalsRoot,
      cumulative: cumulative.toString(),
      signature: replySignature,
      refusals: reply.refusals.map(({ leaseId, reason, message }) => ({
        leaseId,
        reason,
        message: message.slice(0, 1_024),
      })),
    },
    voucher: { generation, cumulative: cumulative.toString(), signature: voucherSignature },
    accepted: acceptedToObject(reply.accepted),
    finals: [
      ...spec.finals,
      ...added.map((final) => ({
        leaseId: final.leaseId,
        leaseName: final.leaseName,
        gpuMs: final.gpuMs.toString(),
        amount: final.amount.toString(),
        cumulative: final.cumulative.toString(),
      })),
    ],
  };
}

import { waitFor } from '../cluster/waitFor.ts';
import { readChain } from '../demo/checker/chain.ts';
import { type ChainPayment, disagreements, type Receipt } from '../demo/checker/check.ts';
import { type DeliveredLease, deliveredLeases, type NodeList } from '../demo/checker/pods.ts';
import { receiptsOf, smallestUnits } from '../demo/receipts.ts';
import type { Outcome } from './outcome.ts';
import type { World } from './world.ts';

/** Paid so far by provider name, in smallest units: what a run is charged is the difference. */
export type PaidBefore = ReadonlyMap<string, bigint>;

/** What a verdict is based on. */
type Judged = Pick<World, 'federation' | 'recorders' | 'audit' | 'signal'>;

/**
 * `exactly`: a lease is billed for what its pods ran, to the millisecond. `at most`: for no more than that; what nobody
 * observed while a whole provider stood still is not billed.
 */
export type Billing = 'exactly' | 'at most';

export type Judgement = { readonly problems: readonly string[]; readonly paid: PaidBefore };

/**
 * Compares the pods of some jobs with their receipts and with what the chain paid since `before`, by the demo's
 * independent checker, and counts their pods in the audit logs.
 */
export async function judge(
  world: Judged,
  { jobs, leases }: Outcome,
  before: PaidBefore,
  billing: Billing = 'exactly',
): Promise<Judgement> {
  const { federation, signal } = world;
  const uids = new Set(jobs.map((job) => job.metadata.uid));
  const { chain, providers } = federation.environment;
  const receipts = receiptsOf(leases);
  const ran = await deliveredBy(world, uids);
  const delivered = billing === 'exactly' ? ran : ran.map((lease) => asBilled(lease, receipts));
  const story = await readChain({
    rpcURL: chain.rpcURL,
    escrow: chain.escrow as `0x${string}`,
    token: chain.token as `0x${string}`,
    signal,
  });
  const nameOf = new Map(providers.map((p) => [p.address.toLowerCase(), p.name]));
  const payments: readonly ChainPayment[] = story.payments.map(({ provider, claimed }) => ({
    provider: nameOf.get(provider) ?? provider,
    claimed,
  }));
  const paid = new Map(payments.map(({ provider, claimed }) => [provider, claimed]));
  const forbidden = world.audit.read();
  const problems = [
    ...disagreements({
      delivered,
      receipts,
      asks: federation.providers.flatMap(({ spec }) =>
        spec.offers.map((offer) => ({
          provider: spec.name,
          product: offer.product,
          price: smallestUnits(offer.pricePerGPUHour, 6),
        })),
      ),
      payments: payments.map((payment) => ({
        ...payment,
        claimed: payment.claimed - (before.get(payment.provider) ?? 0n),
      })),
      ledger: story.ledger,
      forbidden,
    }),
    ...world.audit.attempts.problems(),
  ];
  return { problems, paid };
}

/** As if the pods had run for just what was billed, where that is less: amounts and payments must still follow from it. */
function asBilled(lease: DeliveredLease, receipts: readonly Receipt[]): DeliveredLease {
  const billed = receipts.find(({ leaseUid }) => leaseUid === lease.leaseUid)?.gpuMs;
  return billed !== undefined && billed < lease.gpuMs ? { ...lease, gpuMs: billed } : lease;
}

/** What the pods of these jobs say was delivered. A pod that its provider still ends gets a moment for it. */
async function deliveredBy(
  { federation, recorders, signal }: Judged,
  uids: ReadonlySet<string>,
): Promise<readonly DeliveredLease[]> {
  const perProvider = await Promise.all(
    recorders.map(async (recorder, index) => {
      const client = federation.providers[index]?.client;
      const nodes = await client?.get<NodeList>('/api/v1/nodes');
      return waitFor(
        async () => {
          await recorder.refresh();
          const items = recorder
            .pods()
            .filter((pod) => uids.has(pod.metadata.labels?.['gridlease.dev/job-uid'] ?? ''));
          return deliveredLeases(recorder.provider, { items }, nodes ?? { items: [] });
        },
        { what: `the end of all pods at ${recorder.provider}`, signal },
      );
    }),
  );
  return perProvider.flat();
}

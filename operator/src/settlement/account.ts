import { formatTokenAmount } from '@gridlease/contracts/amount';
import { sumOf } from '@gridlease/contracts/bigints';
import type { ReasonOf } from '@gridlease/crds/conditionReasons';
import type { PaymentAccount, PaymentAccountStatus } from '@gridlease/crds/paymentaccount';
import { setCondition } from '@gridlease/kube/conditions';
import { type Address, formatEther } from 'viem';
import { channelTargets, type FundableChannel, type Shortfall } from './funding.ts';

/** What the chain and the hub say about an account; amounts in token smallest units, coins in wei. */
export type AccountFacts = {
  readonly account: PaymentAccount;
  readonly delegate: Address;
  readonly chain: {
    readonly chainId: bigint;
    readonly escrow: Address;
    readonly token: { readonly symbol: string; readonly decimals: number };
  };
  readonly free: bigint;
  readonly delegateLimit: bigint;
  readonly delegateSpent: bigint;
  readonly coins: bigint;
  /** What the delegate needs for the next transactions. */
  readonly coinsNeeded: bigint;
  readonly channels: readonly FundableChannel[];
  readonly shortfalls: readonly Shortfall[];
  /** Σ (maxAmount − billed) of active leases. */
  readonly committed: bigint;
  /** What active leases cost in an hour. */
  readonly costPerHour: bigint;
  /** Of each active lease. */
  readonly claims: readonly Claim[];
};

/** What a lease may cost still, and what it costs in an hour; token smallest units. */
export type Claim = { readonly rest: bigint; readonly perHour: bigint };

type Verdict = {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: ReasonOf<'PaymentAccount', 'Ready'>;
  readonly message: string;
};

/** The whole status of an account whose chain is known. */
export function decideAccount(facts: AccountFacts, now: Date): PaymentAccountStatus {
  const { account, channels } = facts;
  const { decimals } = facts.chain.token;
  const units = (amount: bigint) => formatTokenAmount(amount < 0n ? 0n : amount, decimals);
  const reserved = sumOf(channels.map((channel) => channel.reserved - channel.claimed));
  const promised = promisedOf(channels);
  const unpromised = unpromisedOf(facts);
  const { runwaySeconds: _before, ...kept } = account.status ?? {};
  return {
    ...kept,
    observedGeneration: account.metadata.generation ?? 0,
    delegateAddress: facts.delegate,
    escrowed: units(facts.free + reserved),
    free: units(facts.free),
    reserved: units(reserved),
    spent: units(promised),
    available: units(unpromised - facts.committed),
    delegateLimit: units(facts.delegateLimit),
    delegateSpent: units(facts.delegateSpent),
    ...runway(unpromised, facts.costPerHour),
    conditions: conditionsWith(account, verdictOf(facts, reserved), now),
  };
}

function promisedOf(channels: readonly FundableChannel[]): bigint {
  return sumOf(channels.map((one) => channelTargets({ ...one, exposure: 0n }).needed));
}

/** What of the escrow no voucher promises to anybody, token smallest units. */
export function unpromisedOf({ free, channels }: Pick<AccountFacts, 'free' | 'channels'>): bigint {
  return free + sumOf(channels.map(({ reserved }) => reserved)) - promisedOf(channels);
}

/** The status of an account that can't be looked at: figures stay what they were last. */
export function blockedAccount(
  account: PaymentAccount,
  verdict: Verdict,
  delegate: Address | undefined,
  now: Date,
): PaymentAccountStatus {
  return {
    ...account.status,
    observedGeneration: account.metadata.generation ?? 0,
    ...(delegate === undefined ? {} : { delegateAddress: delegate }),
    conditions: conditionsWith(account, verdict, now),
  };
}

function conditionsWith(account: PaymentAccount, verdict: Verdict, now: Date) {
  const observedGeneration = account.metadata.generation ?? 0;
  return setCondition(
    account.status?.conditions,
    { type: 'Ready', observedGeneration, ...verdict },
    now,
  );
}

/** Coarse on purpose: a figure that changed with every second would be written every second. */
function runway(unpromised: bigint, costPerHour: bigint): { readonly runwaySeconds?: string } {
  if (costPerHour <= 0n) return {};
  const seconds = unpromised <= 0n ? 0n : (unpromised * 3_600n) / costPerHour;
  const step = seconds >= 36_000n ? 3_600n : 60n;
  const most = 10n ** 12n;
  return { runwaySeconds: String(seconds > most ? most : seconds - (seconds % step)) };
}

function verdictOf(facts: AccountFacts, reserved: bigint): Verdict {
  const { chain, delegate, free } = facts;
  const { address } = facts.account.spec;
  const { symbol, decimals } = chain.token;
  const money = (amount: bigint) => `${formatTokenAmount(amount, decimals)} ${symbol}`;
  const where = `escrow ${chain.escrow} on chain ${chain.chainId}`;
  if (free + reserved === 0n) {
    return refuse(
      'EscrowEmpty',
      `tenant ${address} has nothing in ${where}: approve the token and call deposit(amount)`,
    );
  }
  if (facts.delegateLimit === 0n) {
    return refuse(
      'DelegateNotAuthorized',
      `tenant ${address} must call authorize(${delegate}, limit) on ${where}, limit in the smallest units of ${symbol} (${decimals} decimals)`,
    );
  }
  if (facts.coins < facts.coinsNeeded) {
    return refuse(
      'DelegateGasTooLow',
      `delegate ${delegate} has ${formatEther(facts.coins)} of the coin of chain ${chain.chainId} and needs ${formatEther(facts.coinsNeeded)} for transactions: send it at least ${formatEther(facts.coinsNeeded - facts.coins)}`,
    );
  }
  const limited = facts.shortfalls.find(({ boundBy }) => boundBy === 'DelegateLimit');
  if (limited !== undefined) {
    return refuse(
      'DelegateLimitTooSmall',
      `delegate ${delegate} has moved ${money(facts.delegateSpent)} of its limit of ${money(facts.delegateLimit)}; channel ${limited.name} needs ${money(limited.missing)} more: tenant ${address} must call authorize(${delegate}, limit) on ${where} with a higher limit`,
    );
  }
  const short = facts.shortfalls[0];
  if (short !== undefined) {
    return refuse(
      'EscrowEmpty',
      `tenant ${address} has ${money(free)} free in ${where}; channel ${short.name} needs ${money(short.missing)} more: deposit it, or its leases are suspended`,
    );
  }
  return { status: 'True', reason: 'Funded', message: `tenant ${address} can pay from ${where}` };
}

function refuse(reason: Verdict['reason'], message: string): Verdict {
  return { status: 'False', reason, message };
}

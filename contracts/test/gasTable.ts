import { createWalletClient, type Hex, http, keccak256, stringToHex, zeroHash } from 'viem';
import { deployPlacementAnchor } from '../ts/deploy.ts';
import { encodeSettle } from '../ts/escrow.ts';
import { encodeAnchor, headAfter } from '../ts/placementAnchor.ts';
import type { World } from './world.ts';

/** One line of the gas table. Figures are `gasUsed` of whole transactions, in steady state unless named "first". */
export type GasLine = {
  readonly action: string;
  readonly gas: number;
  /** The budget that a change must not exceed. */
  readonly target: number;
};

const TARGETS = {
  'deposit to the pool, first': 84_000,
  'deposit to the pool': 50_000,
  'open a channel from the pool': 55_000,
  'top up a channel from the pool': 39_000,
  'open and fund a channel, one transaction': 70_000,
  'top up a channel, one transaction': 52_000,
  'authorize a delegate, first': 51_000,
  'delegate opens a channel': 61_000,
  'delegate tops up a channel': 43_000,
  'delegate repeats a top-up (no-op)': 27_000,
  'settle 1 channel': 43_000,
  'settle, each further channel': 13_600,
  'settle 100 channels': 1_390_000,
  'request a close': 31_000,
  'finalize a close': 36_000,
  'close by the provider': 36_000,
  'close with consent': 44_000,
  'provider withdraws, no fee': 49_000,
  'provider withdraws, with a fee': 54_500,
  'tenant withdraws': 45_000,
  'anchor a batch of placements, first': 49_500,
  'anchor a batch of placements': 32_500,
} as const;

type Action = keyof typeof TARGETS;

/** Measures every action on a fresh world. Keys and chain are fixed, so the figures repeat exactly. */
export async function measureGas(world: World, channels = 100): Promise<GasLine[]> {
  const { tenant, provider, delegate, stranger, treasury } = world.parties;
  const measured = new Map<Action, number>();
  const note = async (action: Action, sending: Promise<{ gasUsed: bigint }>) => {
    measured.set(action, Number((await sending).gasUsed));
  };
  const settleAll = async (count: number, cumulative: bigint) => {
    const rows = await Promise.all(
      Array.from({ length: count }, (_, index) => world.row(world.account(10 + index), cumulative)),
    );
    return world.sendData(stranger, encodeSettle(provider.address, rows));
  };

  // Balances that exist in practice: the provider already holds the token.
  await world.mint(provider.address, 1n);
  await world.mint(tenant.address, 1n);
  await note('deposit to the pool, first', world.send(tenant, 'deposit', [10n ** 12n]));
  await note('deposit to the pool', world.send(tenant, 'deposit', [10n ** 12n]));
  for (let index = 0; index < channels; index += 1) {
    const signer = world.account(10 + index).address;
    const opening = world.send(tenant, 'fund', [provider.address, signer, 1, 100_000_000n]);
    if (index === 0) await note('open a channel from the pool', opening);
    else await opening;
  }
  const first = world.account(10).address;
  await note(
    'top up a channel from the pool',
    world.send(tenant, 'fund', [provider.address, first, 1, 200_000_000n]),
  );
  const direct = [stranger.address, tenant.address, 1, 100_000_000n];
  await note(
    'open and fund a channel, one transaction',
    world.send(tenant, 'depositAndFund', direct),
  );
  await note('top up a channel, one transaction', world.send(tenant, 'depositAndFund', direct));
  await note(
    'authorize a delegate, first',
    world.send(tenant, 'authorize', [delegate.address, 10n ** 12n]),
  );
  const fundTo = (target: bigint) =>
    world.send(delegate, 'fundTo', [tenant.address, provider.address, 1, target]);
  await fundTo(50_000_000n);
  await world.send(provider, 'closeAsProvider', [tenant.address, delegate.address, 1]);
  await note(
    'delegate opens a channel',
    world.send(delegate, 'fundTo', [tenant.address, stranger.address, 1, 100_000_000n]),
  );
  await note(
    'delegate tops up a channel',
    world.send(delegate, 'fundTo', [tenant.address, stranger.address, 1, 200_000_000n]),
  );
  await note(
    'delegate repeats a top-up (no-op)',
    world.send(delegate, 'fundTo', [tenant.address, stranger.address, 1, 200_000_000n]),
  );

  await settleAll(channels, 11_234_567n);
  await note('settle 1 channel', settleAll(1, 21_234_567n));
  await settleAll(1, 31_234_567n);
  const all = Number((await settleAll(channels, 41_234_567n)).gasUsed);
  measured.set('settle 100 channels', all);
  const single = measured.get('settle 1 channel')!;
  measured.set('settle, each further channel', Math.round((all - single) / (channels - 1)));

  await note('provider withdraws, no fee', world.send(stranger, 'withdraw', [provider.address]));
  await world.send(treasury, 'setFee', [100]);
  await world.wait(86_400);
  await settleAll(1, 51_234_567n);
  await world.send(stranger, 'withdraw', [provider.address]);
  await settleAll(1, 61_234_567n);
  await note(
    'provider withdraws, with a fee',
    world.send(stranger, 'withdraw', [provider.address]),
  );

  const [second, third] = [world.account(11).address, world.account(12)];
  const key = [tenant.address, provider.address, second] as const;
  await note('request a close', world.send(tenant, 'requestClose', [...key, 1]));
  await world.wait(86_400);
  await note('finalize a close', world.send(stranger, 'finalizeClose', [...key]));
  await note(
    'close by the provider',
    world.send(provider, 'closeAsProvider', [tenant.address, third.address, 1]),
  );
  const consent = await world.consent(world.account(13).address, 41_234_567n);
  await note('close with consent', world.sendData(stranger, consent));
  await note('tenant withdraws', world.send(tenant, 'withdrawFree', [1_000n, tenant.address]));

  const wallet = createWalletClient({ account: stranger, transport: http(world.rpcUrl) });
  const sending = { wallet, publicClient: world.client };
  const { address: anchor } = await deployPlacementAnchor(sending);
  let head: Hex = zeroHash;
  for (const action of [
    'anchor a batch of placements, first',
    'anchor a batch of placements',
  ] as const) {
    const times = { firstTime: 1_767_225_600, lastTime: 1_767_229_200 };
    const batch = { root: keccak256(stringToHex(action)), count: 1_000, ...times };
    const data = encodeAnchor(head, batch);
    const hash = await wallet.sendTransaction({ chain: null, to: anchor, data });
    await note(action, world.client.waitForTransactionReceipt({ hash, timeout: 20_000 }));
    head = headAfter(head, batch);
  }

  return Object.entries(TARGETS).map(([action, target]) => {
    const gas = measured.get(action as Action);
    if (gas === undefined) throw new Error(`"${action}" was not measured`);
    return { action, gas, target };
  });
}

/** The table as it stands in README.md. */
export function gasMarkdown(lines: readonly GasLine[]): string {
  const number = (value: number) => value.toLocaleString('en-US');
  return [
    '| Transaction | gas | budget |',
    '|---|---:|---:|',
    ...lines.map(({ action, gas, target }) => `| ${action} | ${number(gas)} | ${number(target)} |`),
  ].join('\n');
}

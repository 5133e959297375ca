import { between, oneOf, randomOf } from './random.ts';

/** What happens to one run. All of it follows from seed and run, so that a failure can be replayed. */
export type Fault = {
  /** A program's name as in `processes.json`, or `chain-rpc`: the programs' way to the chain. */
  readonly target: string;
  /** A program is killed (SIGKILL) and started again; the way to the chain refuses connections, or keeps them and says nothing. */
  readonly kind: 'kill' | 'refuse' | 'freeze';
  /** Milliseconds after the run's jobs were submitted. */
  readonly atMs: number;
  /** Milliseconds until the program is started again or the way is open again. */
  readonly downMs: number;
};

export const CHAIN_RPC = 'chain-rpc';
const cutMs = 20_000;
/** From the first request to the last settlement of an undisturbed run. */
const storyMs = 12_000;
/** Up to what a supervisor takes to start a container again after its first crash. */
const longestDownMs = 5_000;

/** Every program that may die, by kind: each kind is as likely as the others, however many there are of it. */
export function targetsByKind(providers: readonly string[]): readonly (readonly string[])[] {
  const atProviders = (program: string) => providers.map((name) => `${name}-${program}`);
  return [
    ['operator'],
    atProviders('agent'),
    atProviders('kwok'),
    ['hub-controller-manager', ...atProviders('controller-manager'), ...atProviders('scheduler')],
    ['hub-apiserver', ...atProviders('apiserver')],
    ['hub-etcd', ...atProviders('etcd')],
    [CHAIN_RPC],
  ];
}

export function faultOf(seed: number, run: number, providers: readonly string[]): Fault {
  const random = randomOf(seed, run);
  const target = oneOf(random, oneOf(random, targetsByKind(providers)));
  const atMs = between(random, 0, storyMs);
  const downMs = between(random, 0, longestDownMs);
  const cut = oneOf(random, ['refuse', 'freeze'] as const);
  return target === CHAIN_RPC
    ? { target, kind: cut, atMs, downMs: cutMs }
    : { target, kind: 'kill', atMs, downMs };
}

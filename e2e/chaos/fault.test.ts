import { describe, expect, test } from '@jest/globals';
import { chaosArguments } from './arguments.ts';
import { CHAIN_RPC, faultOf, targetsByKind } from './fault.ts';

const providers = ['alpha', 'bravo', 'charlie'];
const runs = Array.from({ length: 2_000 }, (_, run) => faultOf(7, run, providers));

describe('the fault of a run', () => {
  test('is the same for the same seed and run, whatever ran before', () => {
    expect(faultOf(7, 1_234, providers)).toEqual(runs[1_234]);
    expect(faultOf(8, 1_234, providers)).not.toEqual(runs[1_234]);
  });

  test('comes to every program, and to each kind about as often', () => {
    const kinds = targetsByKind(providers);
    expect(new Set(runs.map(({ target }) => target))).toEqual(new Set(kinds.flat()));
    const counts = kinds.map((names) => runs.filter(({ target }) => names.includes(target)).length);
    for (const count of counts) expect(count).toBeGreaterThan(runs.length / kinds.length / 2);
  });

  test('cuts the chain for 20 s, both by refusing and by saying nothing', () => {
    const cuts = runs.filter(({ target }) => target === CHAIN_RPC);
    expect(new Set(cuts.map(({ kind, downMs }) => `${kind} ${downMs}`))).toEqual(
      new Set(['refuse 20000', 'freeze 20000']),
    );
  });
});

describe('the arguments', () => {
  test('choose all runs of a seed, or the one to replay', () => {
    const some = chaosArguments(['--suite', 'kill', '--runs', '3', '--seed', '5']);
    expect(some).toMatchObject({ seed: 5, runs: [1, 2, 3], json: false });
    const one = chaosArguments(['--suite', 'kill', '--run', '17', '--seed', '5', '--json']);
    expect(one).toMatchObject({ seed: 5, runs: [17], json: true });
  });

  test.each([
    ['no suite', ['--seed', '1']],
    ['a suite that is none', ['--suite', 'flood']],
    ['a seed that is none', ['--suite', 'kill', '--seed', 'x']],
  ])('are refused with %s', (_, argv) => {
    expect(() => chaosArguments(argv)).toThrow('use --suite kill|provider-lost');
  });
});

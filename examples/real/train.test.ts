import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { listObjects, readObject, s3Environment } from '../../e2e/cluster/s3.ts';
import { ExampleProgram } from './testing/program.ts';
import { startTestStore, type TestStore } from './testing/store.ts';

// Programs are started by the dozen, maybe beside a whole federation.
jest.setTimeout(120_000);

let home: TestStore;
beforeAll(async () => {
  home = await startTestStore();
}, 600_000);
afterAll(async () => home[Symbol.asyncDispose]());

const place = (name: string) => `s3://${home.store.bucket}/${name}`;

const train = (checkpoints: string | undefined, env: Readonly<Record<string, string>> = {}) =>
  new ExampleProgram('train', {
    STEPS: '120',
    CHECKPOINT_EVERY: '10',
    LOG_EVERY: '1',
    ...s3Environment(home.store),
    ...(checkpoints === undefined ? {} : { GRIDLEASE_CHECKPOINT_URI: checkpoints }),
    ...env,
  });

/** Slow enough to be hit in the middle by a test that is itself held up for some seconds. */
const slow = { STEP_MILLISECONDS: '80' };

const lossesOf = (...outputs: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const losses = new Map<string, Set<string>>();
  for (const [, step, loss] of outputs.join('').matchAll(/^step=(\d+) loss=(\S+)$/gm)) {
    losses.set(step!, (losses.get(step!) ?? new Set()).add(loss!));
  }
  return losses;
};

const finalOf = (output: string) =>
  /^final step=120 loss=\S+ accuracy=\S+ weights=\S+/m.exec(output)?.[0];

const uninterrupted = async (): Promise<string> => {
  await using program = train(undefined);
  expect(await program.end()).toEqual({ code: 0, signal: null });
  return program.out;
};

/** A road to the store on which the next PUT waits from `hold` until `release`. */
async function holdWrites(target: string) {
  let waiting = Promise.withResolvers<void>();
  let gate: Promise<void> | undefined;
  const server = createServer(async (asked, answer) => {
    if (asked.method === 'PUT' && gate !== undefined) {
      waiting.resolve();
      await gate;
    }
    const { method, headers } = asked;
    // The header Host is signed, so it goes on as it came.
    const onward = request(new URL(asked.url!, target), { method, headers }, (answered) => {
      answer.writeHead(answered.statusCode!, answered.headers);
      answered.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: () => {
      const open = Promise.withResolvers<void>();
      waiting = Promise.withResolvers();
      gate = open.promise;
      return { waiting: waiting.promise, release: open.resolve };
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('training', () => {
  test('lowers its loss by real steps, the same ones on every run', async () => {
    const [first, second] = [await uninterrupted(), await uninterrupted()];
    expect(second).toBe(first);
    const losses = [...lossesOf(first)].map(([, loss]) => Number([...loss][0]));
    expect(losses).toHaveLength(121);
    expect(losses[0]).toBeGreaterThan(0.6);
    expect(losses.at(-1)).toBeLessThan(0.1);
    expect(Number(/accuracy=(\S+)/.exec(first)![1])).toBeGreaterThan(0.97);
  });

  test('ended by SIGTERM and by SIGKILL goes on from its checkpoint to the very same weights', async () => {
    const outputs: string[] = [];
    {
      await using asked = train(place('thrice'), slow);
      await asked.says(/^step=17 /m);
      asked.kill('SIGTERM');
      // Never 0: a task that was told to stop has not succeeded.
      expect(await asked.end()).toEqual({ code: 143, signal: null });
      outputs.push(asked.out);
    }
    const [, stoppedAt, loss] = /^stopped step=(\d+) loss=(\S+) /m.exec(outputs[0]!)!;
    expect(Number(stoppedAt)).toBeGreaterThanOrEqual(17);
    {
      await using killed = train(place('thrice'), { ...slow, GRIDLEASE_ATTEMPT: '2' });
      expect((await killed.says(/^resumed (step=\d+ loss=\S+) /m))[1]).toBe(
        `step=${stoppedAt} loss=${loss}`,
      );
      await killed.says(/^checkpoint step=50$/m);
      await killed.says(/^step=53 /m);
      killed.kill('SIGKILL');
      expect(await killed.end()).toEqual({ code: null, signal: 'SIGKILL' });
      outputs.push(killed.out);
    }
    {
      await using last = train(place('thrice'));
      const [, resumedAt] = await last.says(/^resumed step=(\d+) /m);
      // What is lost is at most what lies between two checkpoints.
      expect(Number(resumedAt)).toBeGreaterThanOrEqual(50);
      expect(await last.end()).toEqual({ code: 0, signal: null });
      outputs.push(last.out);
    }
    const reference = await uninterrupted();
    expect(finalOf(outputs[2]!)).toBe(finalOf(reference));
    // A step that two attempts both did had the same loss in both, and in the uninterrupted run.
    const losses = lossesOf(reference, ...outputs);
    expect(losses.size).toBe(121);
    for (const [step, seen] of losses) expect([step, seen.size]).toEqual([step, 1]);
  });

  test('that had ended already says so again without a step', async () => {
    const uri = place('finished');
    await using first = train(uri);
    expect((await first.end()).code).toBe(0);
    await using second = train(uri);
    expect((await second.end()).code).toBe(0);
    expect(finalOf(second.out)).toBe(finalOf(first.out));
    expect(lossesOf(second.out).size).toBe(0);
    expect(await listObjects(home.store, `${uri}/`)).toEqual([
      `${uri}/checkpoint-0.json`,
      `${uri}/model-0.json`,
    ]);
  });

  test('keeps a checkpoint for each index', async () => {
    const uri = place('array/');
    for (const index of ['0', '3']) {
      await using task = train(uri, { JOB_COMPLETION_INDEX: index, STEPS: '2', SEED: index });
      expect((await task.end()).code).toBe(0);
    }
    expect(await readObject(home.store, place('array/checkpoint-0.json'))).not.toEqual(
      await readObject(home.store, place('array/checkpoint-3.json')),
    );
  });

  test('ends when a later attempt has taken its checkpoint over, instead of turning time back', async () => {
    await using stray = train(place('taken'), slow);
    await stray.says(/^checkpoint step=10$/m);
    // Cut off in any instant, maybe between its look at the checkpoint and its write.
    stray.kill('SIGSTOP');
    await using later = train(place('taken'), { ...slow, STEP_MILLISECONDS: '20' });
    await later.says(/^resumed step=\d+ /m);
    await later.says(/^checkpoint step=\d+$/m);
    stray.kill('SIGCONT');
    expect(await stray.end()).toEqual({ code: 3, signal: null });
    expect(stray.errors).toContain('belongs to a later attempt now');
    expect((await later.end()).code).toBe(0);
    expect(finalOf(later.out)).toBe(finalOf(await uninterrupted()));
  });

  test('that is overtaken between its look at its checkpoint and its write of it leaves the later one alone', async () => {
    await using slowRoad = await holdWrites(home.store.url);
    await using stray = train(place('overtaken'), { ...slow, AWS_ENDPOINT_URL: slowRoad.url });
    await stray.says(/^checkpoint step=10$/m);
    const held = slowRoad.hold();
    await held.waiting;
    await using later = train(place('overtaken'), { ...slow, STEP_MILLISECONDS: '20' });
    await later.says(/^checkpoint step=\d+$/m);
    held.release();
    expect(await stray.end()).toEqual({ code: 3, signal: null });
    expect((await later.end()).code).toBe(0);
    expect(finalOf(later.out)).toBe(finalOf(await uninterrupted()));
  });

  test('goes on while the store is away for a moment', async () => {
    await using program = train(place('away'), slow);
    await program.says(/^checkpoint step=20$/m);
    await home.processes.kill('s3');
    const before = program.out.length;
    await program.says(/^step=29 /m);
    home.processes.startAgain('s3');
    expect(await program.end()).toEqual({ code: 0, signal: null });
    expect(program.out.slice(before)).toMatch(/^checkpoint step=\d+$/m);
  });

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      'a store that does not know its key',
      { AWS_SECRET_ACCESS_KEY: 'wrong' },
      /GET .* failed: 403/,
    ],
    ['a store without the bucket', { GRIDLEASE_CHECKPOINT_URI: 's3://nobody/x' }, /no such bucket/],
    ['no key', { AWS_ACCESS_KEY_ID: '' }, /AWS_ACCESS_KEY_ID .* not set/],
    ['an odd address', { GRIDLEASE_CHECKPOINT_URI: 'file:///x' }, /write s3:\/\/bucket\/prefix/],
    ['an odd number of steps', { STEPS: 'many' }, /STEPS is "many": write a whole number/],
  ])('with %s fails at once and says why, and never begins anew', async (_, env, message) => {
    await using program = train(place('refused'), env);
    expect(await program.end()).toEqual({ code: 1, signal: null });
    expect(program.errors).toMatch(message);
    expect(program.out).not.toMatch(/^step=1 /m);
  });

  test('with other settings than its checkpoint fails and says which', async () => {
    await using first = train(place('settings'), { STEPS: '2' });
    expect((await first.end()).code).toBe(0);
    await using other = train(place('settings'), { STEPS: '4', SEED: '8' });
    expect((await other.end()).code).toBe(1);
    expect(other.errors).toMatch(/was made with .*"seed":7.*, not with .*"seed":8/);
  });
});

import { request } from 'node:http';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { s3Environment } from '../../e2e/cluster/s3.ts';
import { ExampleProgram } from './testing/program.ts';
import { startTestStore, type TestStore } from './testing/store.ts';

// Programs are started by the dozen, maybe beside a whole federation.
jest.setTimeout(120_000);

let home: TestStore;
beforeAll(async () => {
  home = await startTestStore();
}, 600_000);
afterAll(async () => home[Symbol.asyncDispose]());

const serve = async (env: Readonly<Record<string, string>> = {}) => {
  // Port 0: any free one; the program says which.
  const program = new ExampleProgram('inference', { PORT: '0', ...env });
  const [, port, weights] = await program.says(/^serving port=(\d+) weights=(\S+) /m);
  return { program, url: `http://127.0.0.1:${port}`, weights };
};

const predict = async (url: string, body: string) => {
  const answer = await fetch(`${url}/predict`, { method: 'POST', body });
  const content = (await answer.json()) as {
    readonly probabilities?: readonly number[];
    readonly weights?: string;
    readonly error?: string;
  };
  return { status: answer.status, ...content };
};

/** Far along each arm of the spirals that the training learns to tell apart. */
const onFirstArm = [0.54, 0.72].map((r) => [r * Math.cos(4 * r), r * Math.sin(4 * r)]);
const onSecondArm = onFirstArm.map(([x, y]) => [-x!, -y!]);

test('the built-in model tells the two spirals apart', async () => {
  const { program, url, weights } = await serve();
  await using _ = program;
  expect((await fetch(`${url}/health`)).status).toBe(200);
  const answer = await predict(url, JSON.stringify({ points: [...onFirstArm, ...onSecondArm] }));
  expect(answer).toMatchObject({ status: 200, weights });
  const [a, b, c, d] = answer.probabilities!;
  expect([a! < 0.5, b! < 0.5, c! > 0.5, d! > 0.5]).toEqual([true, true, true, true]);
});

test('it serves the weights that the training has written', async () => {
  const prefix = `s3://${home.store.bucket}/trained`;
  const store = s3Environment(home.store);
  await using training = new ExampleProgram('train', {
    ...store,
    STEPS: '40',
    GRIDLEASE_CHECKPOINT_URI: prefix,
  });
  expect((await training.end()).code).toBe(0);
  const { program, weights } = await serve({ ...store, MODEL_URI: `${prefix}/model-0.json` });
  await using _ = program;
  expect(training.out).toContain(`weights=${weights} model=${prefix}/model-0.json`);
});

test('a model that is not there ends it with a sentence', async () => {
  const MODEL_URI = `s3://${home.store.bucket}/never/model-0.json`;
  await using program = new ExampleProgram('inference', {
    ...s3Environment(home.store),
    MODEL_URI,
  });
  expect((await program.end()).code).toBe(1);
  expect(program.errors).toContain('does not exist: has the training ended?');
});

test.each([
  ['no JSON', 'what?', 'the request is no JSON object'],
  ['null', 'null', 'the request is no JSON object'],
  ['three numbers a point', '{"points": [[1, 2, 3]]}', 'write {"points"'],
  ['too many points', JSON.stringify({ points: Array(10_001).fill([0, 0]) }), 'at most 10000'],
  ['too much', ' '.repeat(2_000_000), 'larger than 1 MiB'],
])('a request with %s is refused with what to write', async (_, body, message) => {
  const { program, url } = await serve();
  await using _program = program;
  const answer = await predict(url, body);
  expect(answer.status).toBe(400);
  expect(answer.error).toContain(message);
});

test('SIGTERM: it finishes what it has begun, says no to what is new, and ends with 0', async () => {
  const { program, url } = await serve();
  await using _ = program;
  const answered = new Promise<string>((resolve, reject) => {
    const open = request(`${url}/predict`, { method: 'POST' }, (response) => {
      let text = '';
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(`${response.statusCode} ${text}`));
    });
    open.on('error', reject);
    open.write('{"points": ', () => {
      program.kill('SIGTERM');
      // The rest comes once nobody new is let in any more.
      const ask = () =>
        fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) }).then(
          ({ status }) => (status === 200 ? setTimeout(ask, 5) : open.end('[[0, 0]]}')),
          () => open.end('[[0, 0]]}'),
        );
      void ask();
    });
  });
  expect(await answered).toMatch(/^200 .*"probabilities":\[/);
  expect(await program.end()).toEqual({ code: 0, signal: null });
  expect(program.out).toContain('ended served=1');
});

import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
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

const outputFolder = (): string => mkdtempSync(join(home.dir, 'outputs-'));
const uploader = (outputs: unknown, env: Readonly<Record<string, string>> = {}) =>
  new ExampleProgram('uploader', {
    ...s3Environment(home.store),
    GRIDLEASE_OUTPUTS: typeof outputs === 'string' ? outputs : JSON.stringify(outputs),
    ...env,
  });

const waits = (program: ExampleProgram) => program.says(/^waiting for the task to end$/m);

test('after SIGTERM every file of every folder is in the store, byte for byte', async () => {
  const [first, second] = [outputFolder(), outputFolder()];
  const odd = 'deep/er/a b+c#ü%20.txt';
  const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7) % 251));
  mkdirSync(join(first, 'deep/er'), { recursive: true });
  mkdirSync(join(first, 'empty folder'));
  writeFileSync(join(first, 'frame-0.png'), bytes);
  writeFileSync(join(first, 'empty'), '');
  writeFileSync(join(first, odd), 'odd');
  symlinkSync('/etc/passwd', join(first, 'link'));
  const to = (name: string) => `s3://${home.store.bucket}/${name}`;
  await using program = uploader([
    { path: first, uri: to('run') },
    { path: second, uri: to('other/') },
  ]);
  await waits(program);
  expect(await listObjects(home.store, to('run/'))).toEqual([]);
  // Written after it had started, as a task's outputs are.
  writeFileSync(join(second, 'late.json'), '{}');
  program.kill('SIGTERM');
  expect(await program.end()).toEqual({ code: 0, signal: null });
  expect(await listObjects(home.store, to('run/'))).toEqual([
    to(`run/${odd}`),
    to('run/empty'),
    to('run/frame-0.png'),
  ]);
  expect((await readObject(home.store, to('run/frame-0.png')))?.equals(bytes)).toBe(true);
  expect((await readObject(home.store, to('run/empty')))?.length).toBe(0);
  expect(String(await readObject(home.store, to('other/late.json')))).toBe('{}');
  expect(program.out).toContain(`output ${first} files=3 to=${to('run')}`);
  expect(program.errors).toContain('link is left out');
});

test.each<[string, (folder: string) => unknown, Readonly<Record<string, string>>, string]>([
  ['a bucket that is not there', (path) => [{ path, uri: 's3://nobody/x' }], {}, 'no such bucket'],
  [
    'a wrong key',
    (path) => [{ path, uri: 's3://gridlease/x' }],
    { AWS_SECRET_ACCESS_KEY: 'wrong' },
    'failed: 403',
  ],
  ['no key', (path) => [{ path, uri: 's3://gridlease/x' }], { AWS_ACCESS_KEY_ID: '' }, 'not set'],
  [
    'a missing folder',
    () => [{ path: '/nowhere', uri: 's3://gridlease/x' }],
    {},
    '/nowhere: ENOENT',
  ],
  ['another kind of store', (path) => [{ path, uri: 'gs://b/x' }], {}, 'write s3://bucket/prefix'],
  ['no list', () => 'nothing', {}, 'GRIDLEASE_OUTPUTS is no JSON'],
])('%s is a failure that says so', async (_, outputs, env, message) => {
  const folder = outputFolder();
  writeFileSync(join(folder, 'result'), 'result');
  await using program = uploader(outputs(folder), env);
  await waits(program);
  program.kill('SIGTERM');
  expect(await program.end()).toEqual({ code: 1, signal: null });
  expect(program.errors).toContain('error: outputs were not uploaded: ');
  expect(program.errors).toContain(message);
});

test('one file that can not be uploaded fails the whole, after the others were', async () => {
  const [good, missing] = [outputFolder(), join(home.dir, 'missing')];
  writeFileSync(join(good, 'kept'), 'kept');
  const uri = `s3://${home.store.bucket}/partly`;
  await using program = uploader([
    { path: missing, uri },
    { path: good, uri },
  ]);
  await waits(program);
  program.kill('SIGTERM');
  expect((await program.end()).code).toBe(1);
  expect(String(await readObject(home.store, `${uri}/kept`))).toBe('kept');
});

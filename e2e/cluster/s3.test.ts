import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Processes } from './processes.ts';
import { listObjects, readObject, type S3Store, s3Client, startS3 } from './s3.ts';
import { ensureS3Asset } from './s3Asset.ts';
import { waitFor } from './waitFor.ts';

let dir: string;
let processes: Processes;
let store: S3Store;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gridlease-s3-'));
  processes = new Processes(dir);
  store = await startS3({ processes, dir: join(dir, 's3'), assets: await ensureS3Asset() });
  // A cold cache: the server is built once.
}, 600_000);

afterAll(async () => {
  await processes.stop();
  rmSync(dir, { recursive: true, force: true });
});

const put = (uri: string, body: string, as: S3Store = store) =>
  s3Client(as).fetch(`${store.url}/${uri.slice(5)}`, { method: 'PUT', body });

const home = () => `s3://${store.bucket}`;

test('an object that was put is read back, listed, and replaced as a whole', async () => {
  expect(await readObject(store, `${home()}/run/a.json`)).toBeUndefined();
  expect((await put(`${home()}/run/a.json`, 'first')).status).toBe(200);
  await put(`${home()}/run/b/c.bin`, 'x');
  await put(`${home()}/other`, 'x');
  expect(String(await readObject(store, `${home()}/run/a.json`))).toBe('first');
  await put(`${home()}/run/a.json`, 'second, longer');
  expect(String(await readObject(store, `${home()}/run/a.json`))).toBe('second, longer');
  expect(await listObjects(store, `${home()}/run/`)).toEqual([
    `${home()}/run/a.json`,
    `${home()}/run/b/c.bin`,
  ]);
});

test('another key is refused', async () => {
  const stranger = { ...store, secretKey: 'guessed' };
  expect((await put(`${home()}/x`, 'x', stranger)).status).toBe(403);
  expect(await readObject(store, `${home()}/x`)).toBeUndefined();
});

test('objects outlive the store', async () => {
  await put(`${home()}/kept`, 'kept');
  await processes.kill('s3');
  await expect(readObject(store, `${home()}/kept`)).rejects.toThrow();
  processes.startAgain('s3');
  const read = await waitFor(() => readObject(store, `${home()}/kept`), {
    what: 'the store again',
  });
  expect(String(read)).toBe('kept');
});

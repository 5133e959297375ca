import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AwsClient } from 'aws4fetch';
import { claimPort } from './ports.ts';
import { lostItsPort, type Processes } from './processes.ts';
import type { S3AssetPaths } from './s3Asset.ts';

export type S3Options = {
  readonly processes: Processes;
  /** Folder for the objects, one folder a bucket. */
  readonly dir: string;
  /** Address to listen on: that of a network of real nodes where pods shall reach it. Default 127.0.0.1. */
  readonly address?: string;
  readonly assets: S3AssetPaths;
  /** Name of the program in the process book. Default s3. */
  readonly name?: string;
  readonly signal?: AbortSignal | undefined;
};

/** Where objects are kept, and the keys to it: `s3://<bucket>/<key>`. Development credentials, random for each start. */
export type S3Store = {
  readonly url: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
};

const BUCKET = 'gridlease';

/** What a program that keeps its files in the store needs in its environment. */
export const s3Environment = (store: S3Store): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: store.url,
  AWS_ACCESS_KEY_ID: store.accessKey,
  AWS_SECRET_ACCESS_KEY: store.secretKey,
  AWS_REGION: 'us-east-1',
});

/** For whoever looks at what was stored: tests, and the demo that reads back. */
export const s3Client = (store: S3Store): AwsClient =>
  new AwsClient({
    accessKeyId: store.accessKey,
    secretAccessKey: store.secretKey,
    service: 's3',
    region: 'us-east-1',
    retries: 0,
  });

/** An object's bytes, or undefined when there is none. `uri` is s3://bucket/key. */
export const readObject = async (store: S3Store, uri: string): Promise<Buffer | undefined> => {
  const answer = await s3Client(store).fetch(`${store.url}/${uri.slice('s3://'.length)}`, {
    signal: AbortSignal.timeout(10_000),
  });
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`${uri}: ${answer.status} ${await answer.text()}`);
  return Buffer.from(await answer.arrayBuffer());
};

/** The URIs of all objects below a prefix, at most 1000, sorted. */
export const listObjects = async (store: S3Store, prefix: string): Promise<readonly string[]> => {
  const [, bucket, path] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(prefix) ?? [];
  const query = new URLSearchParams({ 'list-type': '2', prefix: path ?? '' });
  const answer = await s3Client(store).fetch(`${store.url}/${bucket}?${query}`, {
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${prefix}: ${answer.status} ${text}`);
  return [...text.matchAll(/<Key>([^<]+)<\/Key>/g)].map((m) => `s3://${bucket}/${m[1]}`).sort();
};

/** Making the bucket shows that the store takes signed requests; it may be there from a start before. */
const makeBucket = async (store: S3Store): Promise<boolean> => {
  try {
    const answer = await s3Client(store).fetch(`${store.url}/${store.bucket}`, {
      method: 'PUT',
      signal: AbortSignal.timeout(2_000),
    });
    return answer.ok || answer.status === 409;
  } catch {
    // Not listening yet.
    return false;
  }
};

/**
 * Starts an S3-compatible store with one bucket and returns once it takes requests. Objects outlive a kill of the
 * store: they are files in `dir`.
 */
export const startS3 = async (options: S3Options): Promise<S3Store> => {
  const address = options.address ?? '127.0.0.1';
  const accessKey = `dev${randomBytes(8).toString('hex')}`;
  const secretKey = randomBytes(20).toString('hex');
  // Beside the objects, not in their extended attributes: not every file system has those.
  const [objects, metadata] = [join(options.dir, 'objects'), join(options.dir, 'metadata')];
  mkdirSync(objects, { recursive: true });
  mkdirSync(metadata, { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const claim = await claimPort({ host: address });
    const listen = `${address}:${claim.port}`;
    const store = { url: `http://${listen}`, accessKey, secretKey, bucket: BUCKET };
    const program = options.processes.start({
      name: options.name ?? 's3',
      layer: 0,
      command: options.assets.versitygw,
      args: ['--port', listen, '--quiet', 'posix', '--sidecar', metadata, objects],
      env: { ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey },
    });
    try {
      await options.processes.ready(program, () => makeBucket(store), { signal: options.signal });
      return store;
    } catch (error) {
      if (!lostItsPort(error) || attempt === 5) throw error;
    } finally {
      claim.release();
    }
  }
};

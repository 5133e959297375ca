import { setTimeout as delay } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';

/** A store may be away for some seconds while a long computation goes on. */
const TRIES = 6;
const REQUEST_MILLISECONDS = 10_000;
/** Nothing there; another version there; two wrote at once. Who asked knows what it means. */
const EXPECTED = new Set([404, 409, 412]);

/** `s3://bucket/some/prefix` → its parts; a slash at the end doesn't matter. */
export function parseLocation(uri) {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]+)(?:\/(.*?))?\/*$/.exec(uri);
  if (match === null)
    throw new Error(`${uri} is no place in an S3 store: write s3://bucket/prefix`);
  return { bucket: match[1], prefix: match[2] ?? '' };
}

/** The URI of a key below a location. */
export function below(uri, key) {
  const { bucket, prefix } = parseLocation(uri);
  return `s3://${bucket}/${prefix === '' ? '' : `${prefix}/`}${key}`;
}

/**
 * A client for the store that AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and
 * AWS_REGION name. Each call tries again when the store is away or busy, and throws an error that names the object.
 */
export function openStore(env = process.env) {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey) {
    throw new Error('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: no key to the store');
  }
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1';
  const endpoint = (env.AWS_ENDPOINT_URL || `https://s3.${region}.amazonaws.com`).replace(
    /\/$/,
    '',
  );
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    ...(env.AWS_SESSION_TOKEN ? { sessionToken: env.AWS_SESSION_TOKEN } : {}),
    service: 's3',
    region,
    retries: 0,
  });

  /** @param {() => Promise<RequestInit>} init made anew for each try: a body can be read once only. */
  async function request(
    method,
    uri,
    init = async () => ({}),
    milliseconds = REQUEST_MILLISECONDS,
  ) {
    const { bucket, prefix: key } = parseLocation(uri);
    const url = `${endpoint}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
    for (let attempt = 1; ; attempt++) {
      let trouble;
      try {
        const signal = AbortSignal.timeout(milliseconds);
        const answer = await client.fetch(url, { method, signal, ...(await init()) });
        if (answer.ok || EXPECTED.has(answer.status)) return answer;
        const text = method === 'HEAD' ? '' : (await answer.text()).slice(0, 300);
        trouble = `${answer.status} ${answer.statusText} ${text}`.trim();
        // A wrong key or a missing right doesn't get better.
        if (answer.status < 500 && answer.status !== 429) attempt = TRIES;
      } catch (error) {
        trouble = error.cause?.message ?? error.message;
      }
      if (attempt >= TRIES) throw new Error(`${method} ${uri} at ${endpoint} failed: ${trouble}`);
      await delay(200 * 2 ** attempt);
    }
  }

  return {
    /** The object's text, or undefined when there is none. */
    async getText(uri) {
      const answer = await request('GET', uri);
      return answer.status === 404 ? undefined : answer.text();
    },
    /** The object's version (ETag) and one of its own metadata; undefined when there is no object. */
    async head(uri, name) {
      const answer = await request('HEAD', uri);
      if (answer.status === 404) return undefined;
      const { headers } = answer;
      return { version: headers.get('etag'), [name]: headers.get(`x-amz-meta-${name}`) };
    },
    /**
     * Replaces an object as a whole: a reader sees the old one or the new one, never a part. With a version only that
     * one is replaced; false: it is another one by now.
     */
    async putText(uri, text, { version, metadata = {} } = {}) {
      const headers = Object.fromEntries(
        Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
      );
      if (version !== undefined) headers['if-match'] = version;
      const answer = await request('PUT', uri, async () => ({ body: text, headers }));
      if (answer.ok) return true;
      if (version === undefined)
        throw new Error(`PUT ${uri} at ${endpoint} failed: no such bucket`);
      return false;
    },
    /** Uploads bytes whose SHA-256 the store checks. `open` gives the same Blob for each try. */
    async putBlob(uri, open, sha256) {
      const init = async () => ({
        body: await open(),
        headers: { 'x-amz-content-sha256': sha256 },
      });
      // Large files take their time; the pod's own grace period ends a hopeless upload.
      const answer = await request('PUT', uri, init, 3_600_000);
      if (answer.status === 404)
        throw new Error(`PUT ${uri} at ${endpoint} failed: no such bucket`);
    },
  };
}

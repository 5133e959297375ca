/**
 * Runs beside a task and copies its output folders away once the task has ended: as a native sidecar it gets SIGTERM
 * then. Each file below a path is put under the path's URI; the store checks its SHA-256. Whatever can't be copied
 * makes the exit code 1, with a sentence for each, which is also the container's termination message.
 *
 * GRIDLEASE_OUTPUTS: JSON [{"path": "/outputs", "uri": "s3://bucket/prefix"}] · AWS_ENDPOINT_URL and keys.
 */
import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { below, openStore, parseLocation } from '../lib/s3.mjs';

/** As much as one request can carry. */
const MAX_FILE = 5 * 1024 ** 3;
/** The kubelet keeps 4096 bytes of a termination message. */
const MAX_MESSAGE = 4_000;

function readOutputs() {
  let outputs;
  try {
    outputs = JSON.parse(process.env.GRIDLEASE_OUTPUTS ?? '');
  } catch {
    throw new Error(
      'GRIDLEASE_OUTPUTS is no JSON: write [{"path": "/outputs", "uri": "s3://bucket/prefix"}]',
    );
  }
  if (!Array.isArray(outputs)) throw new Error('GRIDLEASE_OUTPUTS is no list of {path, uri}');
  for (const { path, uri } of outputs) {
    if (typeof path !== 'string' || typeof uri !== 'string') {
      throw new Error('an item of GRIDLEASE_OUTPUTS lacks its path or its uri');
    }
    parseLocation(uri);
  }
  return outputs;
}

async function sha256Of(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function upload(store, file, uri) {
  const blob = await openAsBlob(file);
  if (blob.size > MAX_FILE)
    throw new Error(`it has ${blob.size} bytes, more than 5 GiB: write several files`);
  await store.putBlob(uri, () => openAsBlob(file), await sha256Of(file));
  process.stdout.write(`uploaded ${file} bytes=${blob.size} to=${uri}\n`);
}

/** Links are left out: they could lead anywhere, and a store has none. */
async function uploadFolder(store, { path, uri }) {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const failures = [];
  let count = 0;
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) continue;
    if (!entry.isFile()) {
      process.stderr.write(`warning: ${file} is left out: it is no regular file\n`);
      continue;
    }
    try {
      await upload(store, file, below(uri, relative(path, file).split(sep).join('/')));
      count++;
    } catch (error) {
      failures.push(`${file}: ${error.message}`);
    }
  }
  process.stdout.write(`output ${path} files=${count} to=${uri}\n`);
  return failures;
}

async function uploadAll() {
  const outputs = readOutputs();
  const store = openStore();
  const failures = [];
  for (const output of outputs) {
    try {
      failures.push(...(await uploadFolder(store, output)));
    } catch (error) {
      failures.push(`${output.path}: ${error.message}`);
    }
  }
  return failures;
}

function end(failures) {
  if (failures.length === 0) process.exit(0);
  const message = `outputs were not uploaded: ${failures.join('; ')}`;
  process.stderr.write(`error: ${message}\n`);
  try {
    writeFileSync('/dev/termination-log', message.slice(0, MAX_MESSAGE));
  } catch {
    // Not in a container.
  }
  process.exit(1);
}

// Without anything else to do Node would end at once.
const waiting = setInterval(() => undefined, 1 << 30);
process.once('SIGTERM', () => {
  clearInterval(waiting);
  uploadAll().then(end, (error) => end([error.message]));
});
process.stdout.write('waiting for the task to end\n');

/**
 * One container in many manners, for what tenants really send: `main.mjs MODE [VALUE]`. Each mode says what it does
 * on standard output, but for those whose point is that they don't.
 */
import { fork, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statfsSync, unlinkSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const [mode, value = ''] = process.argv.slice(2);
const number = Number(value);
const say = (line) => process.stdout.write(`${line}\n`);

const serve = (port, answer) =>
  createServer((request, response) => {
    const { status = 200, text } = answer(request);
    response.writeHead(status, { connection: 'close' }).end(`${text}\n`);
  }).listen(port, () => say(`listening on ${port}`));

/** A first process in a container has no default for SIGTERM: without this each stop would take its whole grace. */
const endOnSIGTERM = () => process.once('SIGTERM', () => process.exit(143));

const write = (file, bytes) => {
  const block = Buffer.alloc(1 << 20, 0x5a);
  const handle = openSync(file, 'w');
  for (let left = bytes; left > 0; left -= block.length) {
    writeSync(handle, block, 0, Math.min(left, block.length));
  }
  closeSync(handle);
};

const modes = {
  /** Ends with an exit code. */
  exit: () => {
    process.stderr.write(`ending with ${number}\n`);
    process.exitCode = number;
  },
  /** Takes its time until it listens. */
  'slow-start': async () => {
    endOnSIGTERM();
    await delay(number * 1000);
    serve(8000, () => ({ text: 'ready at last' }));
  },
  /** Works without a word. */
  silent: () => undefined,
  /** Every byte there is, sixteen times, and a line that never ends. */
  binary: () => {
    const all = Buffer.from(Array.from({ length: 4096 }, (_, i) => i % 256));
    process.stdout.write(Buffer.concat([all, Buffer.alloc(40_000, 0xff), Buffer.from('\n')]));
  },
  /** Children with children of their own, one of which would run for ever. */
  forks: async () => {
    if (value === 'child') {
      spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
        detached: true,
        stdio: 'ignore',
      }).unref();
      return;
    }
    const ends = Array.from({ length: number }, () => {
      const child = fork(process.argv[1], ['forks', 'child']);
      return new Promise((resolve) => child.once('exit', resolve));
    });
    const codes = await Promise.all(ends);
    say(`${codes.filter((code) => code === 0).length} children ended, their own live on`);
  },
  /** Takes memory until something stops it; VALUE MiB is where it would stop by itself. */
  memory: async () => {
    const taken = [];
    for (let mib = 0; mib < (number || Number.POSITIVE_INFINITY); mib += 8) {
      taken.push(Buffer.alloc(8 << 20, 1));
      say(`took ${mib + 8} MiB`);
      await delay(20);
    }
  },
  /** Heeds nothing but SIGKILL. */
  'ignore-sigterm': () => {
    process.on('SIGTERM', () => say('heard SIGTERM, and goes on'));
    setInterval(() => undefined, 1000);
    say('runs');
  },
  /** Writes VALUE MiB to its own file system, and stays for a minute, in which somebody may look. */
  disk: async () => {
    endOnSIGTERM();
    write('/tmp/large', number << 20);
    say(`wrote ${number} MiB`);
    await delay(Number(process.env.STAY_SECONDS ?? '0') * 1000);
    unlinkSync('/tmp/large');
  },
  /** Needs VALUE MiB of shared memory. */
  'shared-memory': () => {
    const { bsize, blocks } = statfsSync('/dev/shm');
    say(`/dev/shm has ${Math.floor((bsize * blocks) / (1 << 20))} MiB`);
    write('/dev/shm/segment', number << 20);
    const right = readFileSync('/dev/shm/segment').equals(Buffer.alloc(number << 20, 0x5a));
    unlinkSync('/dev/shm/segment');
    say(`wrote and read ${number} MiB of shared memory: ${right ? 'the same' : 'NOT the same'}`);
    process.exitCode = right ? 0 : 1;
  },
  /** Two servers in one container. */
  'two-ports': () => {
    endOnSIGTERM();
    for (const port of [8000, 9000]) serve(port, () => ({ text: `this is port ${port}` }));
  },
  /** Cheat: runs, and says for ever that it isn't ready. */
  'never-ready': () => {
    endOnSIGTERM();
    serve(8000, () => ({ status: 503, text: 'not yet' }));
  },
  /** Cheat: works for VALUE seconds, then calls it a failure. */
  'fail-after': async () => {
    endOnSIGTERM();
    const end = performance.now() + number * 1000;
    say(`works for ${number} s`);
    await delay(Math.max(0, end - performance.now()));
    say('and fails');
    process.exitCode = 1;
  },
};

const run = modes[mode];
if (run === undefined) {
  process.stderr.write(`no mode "${mode}": write one of ${Object.keys(modes).join(', ')}\n`);
  process.exit(2);
}
await run();

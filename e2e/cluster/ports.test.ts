import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { claimPort } from './ports.ts';
import { waitFor } from './waitFor.ts';

/** The same draws each time it is made, as if two programs had the same luck. */
const draws = (...values: number[]) => {
  let at = 0;
  return () => values[at++ % values.length] ?? 0;
};

/** Enough that a few ports which somebody else has are no matter. */
const twenty = () => Array.from({ length: 20 }, Math.random);

const claimFile = (port: number) =>
  join(tmpdir(), `gridlease-ports-${userInfo().uid}`, String(port));

test('two that draw the same number get different ports', async () => {
  const luck = [0.5, ...twenty()];
  const first = await claimPort({ random: draws(...luck) });
  const second = await claimPort({ random: draws(...luck) });
  expect(second.port).not.toBe(first.port);
  first.release();
  second.release();
});

test('a port on which somebody listens is passed over', async () => {
  const probe = await claimPort();
  const server = createServer().listen(probe.port, '127.0.0.1');
  await once(server, 'listening');
  probe.release();
  const same = (probe.port - 20_000 + 0.5) / 12_000;
  const other = await claimPort({ random: draws(same, ...twenty()) });
  expect(other.port).not.toBe(probe.port);
  other.release();
  server.close();
});

test('a claim whose holder is gone counts for nothing', async () => {
  const claim = await claimPort();
  claim.release();
  // Whoever else releases the last claim takes the folder away.
  await waitFor(
    () => {
      mkdirSync(join(claimFile(claim.port), '..'), { recursive: true });
      const gone = { pid: process.pid, startTime: 'long ago' };
      writeFileSync(claimFile(claim.port), JSON.stringify(gone));
      return true;
    },
    { what: 'a claim of a process that is gone' },
  );
  const again = await claimPort({ random: draws((claim.port - 20_000 + 0.5) / 12_000) });
  expect(again.port).toBe(claim.port);
  again.release();
  expect(existsSync(claimFile(claim.port))).toBe(false);
});

test('ports stay below those that the system gives to outgoing connections', async () => {
  for (const draw of [0, 0.999999]) {
    const claim = await claimPort({ random: draws(draw, ...twenty()) });
    expect(claim.port).toBeGreaterThanOrEqual(20_000);
    expect(claim.port).toBeLessThan(32_000);
    claim.release();
  }
});

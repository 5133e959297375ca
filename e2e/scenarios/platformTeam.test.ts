import { fileURLToPath } from 'node:url';
import { expect, jest, test } from '@jest/globals';
import { runPage } from '../docs/runPage.ts';
import { notPrinted } from '../docs/shellBlocks.ts';

jest.setTimeout(600_000);

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

test('the platform team’s tutorial does what it says, and its job is paid', async () => {
  const ran = await runPage({
    path: 'docs/tutorials/platform-team.md',
    cwd: ROOT,
    // What the page keeps in a folder of mktemp goes with the federation.
    env: { ...process.env, TMPDIR: process.env['GRIDLEASE_FEDERATION'] },
    timeoutSeconds: 480,
    // The federation is the one that all scenarios share.
    leaveOut: ['npm run up', 'npm run down'],
  });
  const missing = ran.flatMap((block) =>
    notPrinted(block, block.output).map(
      (line) => `line ${block.line} does not print: ${line}\n--- but:\n${block.output}`,
    ),
  );
  expect(missing).toEqual([]);
  // What the page tells the reader to work out.
  const all = ran.map(({ output }) => output).join('\n');
  const [, price, milliseconds, amount] = /^([\d.]+) tUSD x (\d+) ms = (\d+) smallest/m.exec(all)!;
  expect(BigInt(amount!)).toBe((BigInt(Number(price) * 1e6) * BigInt(milliseconds!)) / 3_600_000n);
  expect(BigInt(milliseconds!)).toBeGreaterThan(0n);
});

import { expect, jest, test } from '@jest/globals';
import { runTutorial } from '../docs/tutorial.ts';

jest.setTimeout(600_000);

test('the platform team’s tutorial does what it says, and its job is paid', async () => {
  const { ran, brokenPromises } = await runTutorial('docs/tutorials/platform-team.md', {
    // The federation that all scenarios share.
    dir: process.env['GRIDLEASE_FEDERATION'] ?? '',
    leaveOut: ['npm run up', 'npm run down'],
    timeoutSeconds: 480,
  });
  expect(brokenPromises).toEqual([]);
  // What the page tells the reader to work out.
  const all = ran.map(({ output }) => output).join('\n');
  const [, price, milliseconds, amount] = /^([\d.]+) tUSD x (\d+) ms = (\d+) smallest/m.exec(all)!;
  expect(BigInt(milliseconds!)).toBeGreaterThan(0n);
  expect(BigInt(amount!)).toBe((BigInt(Number(price) * 1e6) * BigInt(milliseconds!)) / 3_600_000n);
});

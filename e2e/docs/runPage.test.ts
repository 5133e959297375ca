import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { type PageOptions, runPage } from './runPage.ts';

const folder = mkdtempSync(join(tmpdir(), 'gridlease-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (markdown: string, options: Partial<PageOptions> = {}) => {
  const path = join(folder, 'page.md');
  writeFileSync(path, markdown);
  return runPage({ path, cwd: folder, env: process.env, timeoutSeconds: 20, ...options });
};

const sh = (...lines: readonly string[]) => ['```sh', ...lines, '```', ''].join('\n');

test('what one block exports the next one has, and each keeps what it printed', async () => {
  const ran = await run(sh('export WHAT=grid', 'cd /') + sh('printf "$WHAT "; pwd; echo no >&2'));
  expect(ran.map(({ output }) => output)).toEqual(['', 'grid /\nno']);
});

test('here-documents and quotes are passed on as they stand', async () => {
  const [block] = await run(sh("cat <<'EOF'", '  "$HOME" `x`', 'EOF'));
  expect(block!.output).toBe('  "$HOME" `x`');
});

test.each([
  ['a command that fails', sh('true') + sh('echo before', 'false', 'echo after'), /:5 failed/],
  ['a command that fails in a pipe', sh('false | cat'), /:2 failed/],
  ['a variable that nobody has set', sh('echo "$NEVER_SET_BY_ANYBODY"'), /unbound variable/],
  ['a block that ends the shell', sh('exit 0'), /:2 failed/],
])('%s is an error that names the line and shows what was printed', async (_, page, message) => {
  const error = await run(page).then(
    () => new Error('nothing failed'),
    (reason: Error) => reason,
  );
  expect(error.message).toMatch(message);
  expect(error.message.split('--- printed')[1]).not.toContain('after');
});

test('a block that does not end is ended, with all it has started', async () => {
  const page = sh('echo first') + sh('sleep 1000 & wait');
  await expect(run(page, { timeoutSeconds: 1 })).rejects.toThrow(/:5 not within 1 s:\nsleep 1000/);
});

test('a block can be left out, but only one that is there', async () => {
  const page = sh('echo one') + sh('echo two');
  expect(await run(page, { leaveOut: ['two'] })).toHaveLength(1);
  await expect(run(page, { leaveOut: ['three'] })).rejects.toThrow(/has no block with "three"/);
});

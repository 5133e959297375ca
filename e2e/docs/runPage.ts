import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type ShellBlock, shellBlocksOf } from './shellBlocks.ts';

/** What one block has printed, standard output and standard error as they came, and how long it took. */
export type BlockRun = ShellBlock & { readonly output: string; readonly seconds: number };

export type PageOptions = {
  /** Of the Markdown file, from `cwd`. */
  readonly path: string;
  /** Where a reader stands: the repository's root. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Longest time for all blocks together. */
  readonly timeoutSeconds: number;
  /** Blocks that are left out, by a piece of their text; each must be found, so that the list can't rot. */
  readonly leaveOut?: readonly string[];
  readonly signal?: AbortSignal | undefined;
};

/**
 * Types the ```sh blocks of a page into one bash, verbatim and in their order, as a reader would: what one block exports
 * the next one has. Ends with the first command that fails; the error names the page, its line and what was printed.
 */
export const runPage = async (options: PageOptions): Promise<readonly BlockRun[]> => {
  const { path, cwd, env, timeoutSeconds } = options;
  const blocks = wanted(
    shellBlocksOf(readFileSync(resolve(cwd, path), 'utf8')),
    options.leaveOut ?? [],
    path,
  );
  // No page can print this line by itself.
  const mark = `gridlease-block-${randomBytes(12).toString('hex')}`;
  const script = [
    'set -euo pipefail',
    'exec 2>&1 </dev/null',
    ...blocks.flatMap(({ text }, index) => [text, `echo; echo ${mark} ${index}`]),
    '',
  ].join('\n');
  const shell = spawn('bash', ['--norc', '--noprofile', '-c', script], {
    cwd,
    env,
    // A group of its own: what a block leaves waiting in the background ends with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let why = '';
  const stop = (reason: string) => {
    why = reason;
    try {
      process.kill(-shell.pid!, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  };
  const timer = setTimeout(() => stop(`not within ${timeoutSeconds} s`), timeoutSeconds * 1_000);
  const onAbort = () => stop('interrupted');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const done: BlockRun[] = [];
  let output: string[] = [];
  let since = Date.now();
  try {
    for await (const line of createInterface({ input: shell.stdout })) {
      if (!line.startsWith(mark)) {
        output.push(line);
        continue;
      }
      // The echo before the mark may have ended an unfinished line, or added an empty one.
      const text = output.join('\n').trimEnd();
      done.push({ ...blocks[done.length]!, output: text, seconds: (Date.now() - since) / 1_000 });
      output = [];
      since = Date.now();
    }
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
  }
  const failed = blocks[done.length];
  if (failed === undefined) return done;
  throw new Error(
    [`${path}:${failed.line} ${why || 'failed'}:`, failed.text, '--- printed', ...output].join(
      '\n',
    ),
  );
};

function wanted(
  blocks: readonly ShellBlock[],
  leaveOut: readonly string[],
  path: string,
): readonly ShellBlock[] {
  for (const piece of leaveOut) {
    if (!blocks.some(({ text }) => text.includes(piece))) {
      throw new Error(`${path} has no block with "${piece}"`);
    }
  }
  return blocks.filter(({ text }) => !leaveOut.some((piece) => text.includes(piece)));
}

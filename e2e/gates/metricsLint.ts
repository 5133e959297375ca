import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { isExecutable, pathFolders } from '../cluster/assets.ts';
import { findPrometheus } from '../cluster/prometheusAsset.ts';

const folder = join(import.meta.dirname, 'promlint');

/**
 * What Prometheus' own linter finds on a metrics page, one line a problem; empty when it is clean.
 * promtool, where there is one, is asked as well: its version may know a rule that ours doesn't.
 */
export async function lintMetrics(
  page: string,
  { promtool }: { readonly promtool?: string | undefined } = { promtool: promtoolPath() },
): Promise<readonly string[]> {
  const findings = await lint('go', ['run', '-mod=readonly', '.'], page);
  return promtool === undefined
    ? findings
    : [...findings, ...(await lint(promtool, ['check', 'metrics'], page))];
}

/** That of PATH, or of the packages that the tests of alerts have unpacked. */
export function promtoolPath(): string | undefined {
  const onPath = pathFolders(process.env)
    .map((place) => join(place, 'promtool'))
    .find(isExecutable);
  return onPath ?? findPrometheus()?.promtool;
}

/** Both linters exit 3 when they find something, 0 when not; anything else is a broken page or tool. */
function lint(program: string, args: readonly string[], page: string): Promise<readonly string[]> {
  return new Promise((done, fail) => {
    const child = spawn(program, [...args], { cwd: folder, timeout: 300_000 });
    let output = '';
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', fail);
    child.on('close', (code) => {
      const lines = output
        .split('\n')
        .filter((line) => line.trim() !== '' && !line.startsWith('exit status'));
      if (code === 0) done([]);
      else if (lines.length > 0) done(lines);
      else fail(new Error(`${program} ended with ${code} and said nothing`));
    });
    child.stdin.end(page);
  });
}

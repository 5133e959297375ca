import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';

/** Writes per identity and resource, a job, from one API server's audit log. */
export type AuditedWrites = Readonly<Record<string, Readonly<Record<string, number>>>>;

const writes = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** How long each log is now: what was written up to here is not counted. */
export const auditMarks = (files: readonly string[]): readonly number[] =>
  files.map((file) => statSync(file).size);

/** By log file (cluster), then "identity: verb resource". */
export function auditedWrites(
  files: readonly string[],
  marks: readonly number[],
  jobs: number,
): AuditedWrites {
  const entries = files.map((file, index) => {
    const counts: Record<string, number> = {};
    const lines = readFileSync(file).subarray(marks[index]).toString().split('\n');
    for (const line of lines) {
      const name = nameOf(line);
      if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1 / jobs;
    }
    const sorted = Object.entries(counts)
      .map(([name, count]) => [name, Math.round(count * 100) / 100] as const)
      .filter(([, count]) => count >= 0.01)
      .sort(([, a], [, b]) => b - a);
    return [basename(file, '-apiserver-audit.log'), Object.fromEntries(sorted)] as const;
  });
  return Object.fromEntries(entries);
}

type AuditEvent = {
  readonly verb?: string;
  readonly user?: { readonly username?: string };
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string };
};

function nameOf(line: string): string | undefined {
  if (line === '') return undefined;
  const { verb = '', user, objectRef } = JSON.parse(line) as AuditEvent;
  if (!writes.has(verb)) return undefined;
  const subresource = objectRef?.subresource === undefined ? '' : `/${objectRef.subresource}`;
  return `${user?.username ?? '?'}: ${verb} ${objectRef?.resource ?? '?'}${subresource}`;
}

import { existsSync, readFileSync } from 'node:fs';

type AuditEvent = {
  readonly verb: string;
  readonly requestURI: string;
  readonly user?: { readonly username?: string };
  readonly responseStatus?: { readonly code?: number };
};

/** The sentence about one line of an audit log, if it is a request of our own programs answered with 403. */
export function forbiddenRequest(line: string): string | undefined {
  if (!line.includes('"code":403')) return undefined;
  const event = JSON.parse(line) as AuditEvent;
  const user = event.user?.username ?? 'nobody';
  return event.responseStatus?.code === 403 && user.startsWith('system:serviceaccount:gridlease-')
    ? `403: ${user} may not ${event.verb} ${event.requestURI}`
    : undefined;
}

/** Requests of our own programs that an API server answered with 403, one sentence each. */
export function forbiddenRequests(auditFiles: readonly string[]): readonly string[] {
  const lines = auditFiles
    .filter((name) => existsSync(name))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  return [...new Set(lines.flatMap((line) => forbiddenRequest(line) ?? []))];
}

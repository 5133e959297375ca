import { existsSync, readFileSync } from 'node:fs';

type AuditEvent = {
  readonly verb: string;
  readonly requestURI: string;
  readonly user?: { readonly username?: string };
  readonly responseStatus?: { readonly code?: number };
};

/** Requests of our own programs that an API server answered with 403, one sentence each. */
export function forbiddenRequests(auditFiles: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const file of auditFiles.filter((name) => existsSync(name))) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (!line.includes('"code":403')) continue;
      const event = JSON.parse(line) as AuditEvent;
      const user = event.user?.username ?? 'nobody';
      if (
        event.responseStatus?.code === 403 &&
        user.startsWith('system:serviceaccount:gridlease-')
      ) {
        found.add(`403: ${user} may not ${event.verb} ${event.requestURI}`);
      }
    }
  }
  return [...found];
}

type AuditedCreate = {
  readonly verb: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly requestObject?: {
    readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  };
};

/**
 * The attempt, `jobUid/index/epoch`, whose pod a line of an API server's audit log says was created; undefined for
 * every other line. A server that was killed may have left half a line.
 */
export function createdAttempt(line: string): string | undefined {
  if (!line.includes('"verb":"create"') || !line.includes('"resource":"pods"')) return undefined;
  let event: AuditedCreate;
  try {
    event = JSON.parse(line) as AuditedCreate;
  } catch {
    return undefined;
  }
  const { objectRef, responseStatus, requestObject } = event;
  if (event.verb !== 'create' || objectRef?.resource !== 'pods') return undefined;
  if (objectRef.subresource !== undefined || responseStatus?.code !== 201) return undefined;
  const labels = requestObject?.metadata?.labels ?? {};
  const [job, index, epoch] = ['job-uid', 'index', 'epoch'].map(
    (key) => labels[`gridlease.dev/${key}`],
  );
  return job === undefined ? undefined : `${job}/${index}/${epoch}`;
}

/** Counts creates, and says which attempt got more than one pod. */
export class CreatedAttempts {
  readonly #counts = new Map<string, number>();

  read(lines: readonly string[]): void {
    for (const line of lines) {
      const attempt = createdAttempt(line);
      if (attempt !== undefined) this.#counts.set(attempt, (this.#counts.get(attempt) ?? 0) + 1);
    }
  }

  /** Attempts counted so far that belong to one of these jobs. */
  countOf(jobUids: readonly string[]): number {
    return [...this.#counts.keys()].filter((key) => jobUids.includes(key.split('/')[0] ?? ''))
      .length;
  }

  problems(): readonly string[] {
    return [...this.#counts]
      .filter(([, count]) => count > 1)
      .map(
        ([attempt, count]) =>
          `audit: ${count} pods were created for ${attempt} (job, index, epoch)`,
      );
  }
}

import type { Federation } from '../cluster/federation.ts';
import { forbiddenRequest } from '../demo/checker/audit.ts';
import { CreatedAttempts } from './auditedPods.ts';
import { FileTail } from './fileTail.ts';

/** Reads the audit logs of all clusters on, a piece at a time. */
export class AuditReader {
  /** Whose pods the providers' API servers created. */
  readonly attempts = new CreatedAttempts();
  readonly #tails: ReadonlyMap<string, FileTail>;
  readonly #forbidden = new Set<string>();

  constructor(federation: Pick<Federation, 'hub' | 'providers'>) {
    const planes = [federation.hub, ...federation.providers];
    this.#tails = new Map(
      planes.map(({ name, apiServer }) => [name, new FileTail(apiServer.auditFile ?? '')]),
    );
  }

  /**
   * What was forbidden to our programs since the last time, one sentence each. Before it is ready an API server knows
   * no roles yet and forbids everything; what `starting` did since the last time doesn't count.
   */
  read(starting?: string): readonly string[] {
    for (const [cluster, tail] of this.#tails) {
      const lines = tail.lines();
      if (cluster !== 'hub') this.attempts.read(lines);
      if (cluster === starting) continue;
      for (const line of lines) {
        const sentence = forbiddenRequest(line);
        if (sentence !== undefined) this.#forbidden.add(sentence);
      }
    }
    if (starting !== undefined) return [];
    const found = [...this.#forbidden];
    this.#forbidden.clear();
    return found;
  }
}

import { Agent, request } from 'node:https';
import { readKubeconfig } from '@gridlease/e2e/cluster/kubeconfig';

/** What came back, whatever it was: refusals are what these tests are about. */
export type Answer = {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** The texts of Warning headers. */
  readonly warnings: readonly string[];
};

export type Call = {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** Act as this user, with every right that RBAC can give: only admission is left to refuse. */
  readonly as?: string;
};

/** A client that shows warnings and can act as somebody else; it never throws for a refusal. */
export class ApiServer {
  readonly #access;
  readonly #agent;

  constructor(kubeconfig: string) {
    this.#access = readKubeconfig(kubeconfig);
    this.#agent = new Agent({ keepAlive: true, ca: this.#access.certificateAuthority });
  }

  call({ method, path, body, as, ...types }: Call): Promise<Answer> {
    const headers: Record<string, string | string[]> = {
      authorization: `Bearer ${this.#access.token}`,
      accept: types.accept ?? 'application/json',
      ...(body === undefined ? {} : { 'content-type': types.contentType ?? 'application/json' }),
      ...(as === undefined
        ? {}
        : { 'impersonate-user': as, 'impersonate-group': 'system:masters' }),
    };
    return new Promise((resolve, reject) => {
      const url = new URL(path, this.#access.server);
      const options = { method, agent: this.#agent, headers, timeout: 15_000 };
      const sent = request(url, options, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const warnings = [answer.headers['warning'] ?? []].flat();
          resolve({
            status: answer.statusCode ?? 0,
            body: JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>,
            warnings,
          });
        });
      });
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path} timed out`)));
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Server-side apply. */
  apply(path: string, body: unknown): Promise<Answer> {
    return this.call({
      method: 'PATCH',
      path: `${path}?fieldManager=gridlease-crds-test&force=true`,
      body,
      contentType: 'application/apply-patch+yaml',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
  }
}

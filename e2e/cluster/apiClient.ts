import { Agent, request } from 'node:https';
import type { ClusterAccess } from './kubeconfig.ts';

export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
  readonly [field: string]: unknown;
};

export class ApiError extends Error {
  readonly status: number;
  constructor(method: string, path: string, status: number, message: string) {
    super(`${method} ${path} was answered ${status}: ${message}`);
    this.name = 'ApiError';
    this.status = status;
  }
}

type ResourceList = {
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
  }[];
};

/**
 * The harness's own small client: enough to set a cluster up. It is apart from the runtime that Gridlease's programs
 * use, so that a fault there can't hide itself from the harness that checks it.
 */
export class ApiClient {
  readonly access: ClusterAccess;
  readonly #agent: Agent;
  readonly #discovered = new Map<string, ResourceList>();

  constructor(access: ClusterAccess) {
    this.access = access;
    this.#agent = new Agent({ keepAlive: true, ca: access.certificateAuthority });
  }

  /** Sends JSON, returns the parsed answer; throws ApiError for anything but 2xx. Text answers come back as strings. */
  request<T>(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = request(
        new URL(path, this.access.server),
        {
          method,
          agent: this.#agent,
          timeout: 30_000,
          headers: {
            authorization: `Bearer ${this.access.token}`,
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': contentType }),
            ...headers,
          },
        },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on('data', (part: Buffer) => parts.push(part));
          answer.on('error', reject);
          answer.on('end', () => {
            const text = Buffer.concat(parts).toString();
            const isJSON = answer.headers['content-type']?.includes('json') ?? false;
            const parsed = isJSON ? (JSON.parse(text) as { message?: string }) : undefined;
            const status = answer.statusCode ?? 0;
            if (status >= 200 && status < 300) resolve((parsed ?? text) as T);
            else reject(new ApiError(method, path, status, parsed?.message ?? text.slice(0, 300)));
          });
        },
      );
      call.on('timeout', () => call.destroy(new Error(`${method} ${path} timed out after 30 s`)));
      call.on('error', (error: NodeJS.ErrnoException) => {
        // The server closed a connection that nobody used for long, in the instant in which it was used again.
        const wasStale = call.reusedSocket && error.code === 'ECONNRESET';
        if (!wasStale) reject(error);
        else this.request<T>(method, path, body, contentType, headers).then(resolve, reject);
      });
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  get<T = Manifest>(path: string): Promise<T> {
    return this.request<T>('GET', path);
  }

  /** The object, or undefined when the server says 404. */
  async find<T = Manifest>(path: string): Promise<T | undefined> {
    try {
      return await this.get<T>(path);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Server-side apply: creates it or brings it to what the manifest says. Safe to repeat. */
  async apply(manifest: Manifest): Promise<Manifest> {
    const path = await this.pathOf(manifest);
    return this.request(
      'PATCH',
      `${path}?fieldManager=gridlease-e2e&force=true`,
      manifest,
      'application/apply-patch+yaml',
    );
  }

  /** The object's path, by asking the server which resource serves its kind. */
  async pathOf(
    manifest: Pick<Manifest, 'apiVersion' | 'kind'> & {
      readonly metadata: { readonly name: string; readonly namespace?: string };
    },
  ): Promise<string> {
    const root = manifest.apiVersion.includes('/') ? '/apis' : '/api';
    const list = await this.#discover(`${root}/${manifest.apiVersion}`, manifest.kind);
    const { namespace, name } = manifest.metadata;
    const scope = list.namespaced ? `/namespaces/${namespace ?? 'default'}` : '';
    return `${root}/${manifest.apiVersion}${scope}/${list.name}/${name}`;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #discover(path: string, kind: string): Promise<ResourceList['resources'][number]> {
    const pick = (list: ResourceList | undefined) =>
      list?.resources.find((resource) => resource.kind === kind && !resource.name.includes('/'));
    const known = pick(this.#discovered.get(path));
    if (known !== undefined) return known;
    // Asked again on a miss: the kind may come from a definition applied a moment ago.
    const list = await this.get<ResourceList>(path);
    this.#discovered.set(path, list);
    const found = pick(list);
    if (found === undefined) throw new ApiError('GET', path, 404, `no resource of kind ${kind}`);
    return found;
  }
}

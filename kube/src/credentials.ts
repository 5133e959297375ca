import type { RequestOptions } from 'node:https';
import { createRequire } from 'node:module';
import type { KubeConfig } from '@kubernetes/client-node';
import { TerminalError } from './errors.ts';
import { type AccessConfig, plainKubeconfig } from './plainKubeconfig.ts';

/** How to reach a cluster and who we are there; everything that a TLS connection depends on. */
export type Credentials = {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: {
    readonly ca?: string | Buffer;
    readonly cert?: string | Buffer;
    readonly key?: string | Buffer;
    readonly servername?: string;
    readonly rejectUnauthorized?: boolean;
  };
};

export type CredentialSource = {
  readonly server: URL;
  /** Cached; read again after `invalidate`, or after a while where they can change underneath. */
  current(): Promise<Credentials>;
  /** The API server said 401: a rotated file or an exec plugin may have something newer. */
  invalidate(): void;
};

/** The kubeconfig at a path, the given one, or else what kubectl would use in this place. */
export function loadKubeConfig(options: {
  readonly kubeconfigPath?: string | undefined;
  readonly kubeConfig?: AccessConfig | undefined;
}): AccessConfig {
  const { kubeconfigPath } = options;
  const known = options.kubeConfig ?? plainKubeconfig(kubeconfigPath);
  if (known !== undefined) return known;
  const config = new (clientLibrary().KubeConfig)();
  if (kubeconfigPath === undefined) config.loadFromDefault();
  else config.loadFromFile(kubeconfigPath);
  return config;
}

/** Only when it is needed: it is large, and programs hardly ever have a kubeconfig that needs it. */
function clientLibrary(): { readonly KubeConfig: new () => KubeConfig } {
  try {
    return createRequire(import.meta.url)('@kubernetes/client-node');
  } catch (cause) {
    throw new TerminalError(
      'No kubeconfig with a token or a certificate, and no account of a pod: give one of these; plugins and passwords are not for this image',
      { cause },
    );
  }
}

// Files and plugins are read synchronously by the client library, so not on each request.
const rereadAfterMs = 30_000;

/** The credentials of the kubeconfig's current context. */
export function credentialSource(config: AccessConfig): CredentialSource {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new TerminalError('The kubeconfig has no current cluster');
  if (cluster.proxyUrl?.startsWith('socks')) {
    throw new TerminalError('SOCKS proxies are not supported; use an HTTP proxy or none');
  }
  let cached: { readonly credentials: Credentials; readonly readAt: number } | undefined;
  let reading: Promise<Credentials> | undefined;

  const read = async (): Promise<Credentials> => {
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const credentials = fromOptions(options, cluster.skipTLSVerify);
    cached = { credentials, readAt: performance.now() };
    return credentials;
  };
  return {
    server: new URL(cluster.server),
    async current() {
      if (cached !== undefined && performance.now() - cached.readAt < rereadAfterMs) {
        return cached.credentials;
      }
      // One read for all that ask at the same time: an exec plugin is a process each.
      reading ??= read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
    invalidate() {
      cached = undefined;
    },
  };
}

function fromOptions(options: RequestOptions, skipTLSVerify: boolean | undefined): Credentials {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // A token file may end in a newline, which no header may contain.
    if (value !== undefined) headers[name.toLowerCase()] = String(value).trim();
  }
  if (typeof options.auth === 'string') {
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return {
    headers,
    tls: {
      ...(options.ca && { ca: options.ca as string | Buffer }),
      ...(options.cert && { cert: options.cert as string | Buffer }),
      ...(options.key && { key: options.key as string | Buffer }),
      ...(options.servername && { servername: options.servername }),
      ...(skipTLSVerify === true && { rejectUnauthorized: false }),
    },
  };
}

import { Registry } from 'prom-client';
import { type ByteStream, openStream, type StreamRequest } from './byteStream.ts';
import type { TokenSource } from './call.ts';
import { credentialSource, loadKubeConfig } from './credentials.ts';
import { runtimeMetrics } from './metrics.ts';
import type { AccessConfig } from './plainKubeconfig.ts';
import { type ApiRequest, createRequester } from './request.ts';
import { createTransport } from './transport.ts';
import { openWatch, type WatchRequest, type WatchStream } from './watchStream.ts';

/** How long to trust a watch. Each informer may have its own. */
export type WatchLimits = {
  /** Longest silence before its connection counts as dead, in milliseconds. Default: 90,000. */
  readonly silenceMs?: number | undefined;
  /** Longest time from one full list to the next, in milliseconds. Default: 600,000. */
  readonly relistMs?: number | undefined;
};

export type ClusterOptions = {
  /** For people, metrics and logs: `hub`, `local`. */
  readonly name: string;
  /** Default, when neither this nor `kubeConfig` is given: KUBECONFIG, ~/.kube/config, in-cluster. */
  readonly kubeconfigPath?: string;
  readonly kubeConfig?: AccessConfig;
  /** `gridlease-operator/0.1.0`: what audit logs and flow control see. */
  readonly userAgent: string;
  /** Default: the credentials of the kubeconfig. */
  readonly tokenSource?: TokenSource;
  /** Default: a registry of its own that nobody reads. */
  readonly registry?: Registry;
  /** Limit of one request, its retries included, in milliseconds. Default: 15,000. */
  readonly requestTimeoutMs?: number;
  /** Connections for requests other than watches. Default: 16. */
  readonly connections?: number;
  readonly watchLimits?: WatchLimits;
};

/** One API server as one identity. Everything else in this package works on top of it. */
export type Cluster = AsyncDisposable & {
  readonly name: string;
  /** The API server's base URL. */
  readonly server: string;
  readonly registry: Registry;
  readonly watchLimits?: WatchLimits | undefined;
  /** The parsed JSON answer. Throws ApiError (refused), ConnectionError or TimeoutError. */
  request<R = unknown>(request: ApiRequest): Promise<R>;
  /** Opens a watch; resolves once the server accepted it. Same errors as `request`. */
  watch(request: WatchRequest): Promise<WatchStream>;
  /** Opens an answer of bytes, such as a log; resolves once the server accepted it. Same errors. */
  stream(request: StreamRequest): Promise<ByteStream>;
  /** Ends all connections; requests and watches under way fail. */
  close(): Promise<void>;
};

/** Prepares a connection; nothing is sent until the first request. */
export function connectCluster(options: ClusterOptions): Cluster {
  const config = loadKubeConfig(options);
  const credentials = credentialSource(config);
  const registry = options.registry ?? new Registry();
  const transport = createTransport({
    proxyUrl: config.getCurrentCluster()?.proxyUrl,
    connections: options.connections,
  });
  const context = {
    credentials,
    transport,
    metrics: runtimeMetrics(registry),
    userAgent: options.userAgent,
    tokenSource: options.tokenSource,
    requestTimeoutMs: options.requestTimeoutMs ?? 15_000,
  };
  const close = (): Promise<void> => transport.close();
  return {
    name: options.name,
    server: credentials.server.href.replace(/\/$/, ''),
    registry,
    watchLimits: options.watchLimits,
    request: createRequester(context),
    watch: (request) => openWatch(context, request),
    stream: (request) => openStream(context, request),
    close,
    [Symbol.asyncDispose]: close,
  };
}

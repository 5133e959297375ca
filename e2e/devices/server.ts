import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DeviceSet, type Health, isHealth } from './device.ts';

export type ServerOptions = {
  readonly devices: DeviceSet;
  /** An address of this machine. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** What is missing until the kubelet watches the devices; undefined when nothing is. */
  readonly missing: () => string | undefined;
  /** The exporter's page. Throws when the kubelet doesn't say who holds what. */
  readonly metrics: () => Promise<string>;
};

type Answer = { readonly status: number; readonly type: string; readonly text: string };

const json = (status: number, body: unknown): Answer => ({
  status,
  type: 'application/json',
  text: `${JSON.stringify(body)}\n`,
});
const plain = (status: number, text: string): Answer => ({
  status,
  type: 'text/plain; version=0.0.4; charset=utf-8',
  text,
});

/** Serves the devices' list, health and metrics on one address; returns once it listens. */
export async function serveHTTP(
  options: ServerOptions,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    answer(options, request)
      .catch((error: unknown) =>
        plain(503, `${error instanceof Error ? error.message : String(error)}\n`),
      )
      .then((found) => send(response, found));
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(options.port, options.host, done);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${options.host}:${port}`, [Symbol.asyncDispose]: () => close(server) };
}

async function answer(options: ServerOptions, request: IncomingMessage): Promise<Answer> {
  const { devices } = options;
  const path = request.url ?? '/';
  if (request.method === 'GET' && path === '/devices') return json(200, devices.list());
  if (request.method === 'GET' && path === '/metrics') return plain(200, await options.metrics());
  if (request.method === 'GET' && path === '/readyz') {
    const missing = options.missing();
    return missing === undefined ? plain(200, 'ok\n') : plain(503, `${missing}\n`);
  }
  const [, uuid] = /^\/devices\/([^/]+)$/.exec(path) ?? [];
  if (request.method !== 'PUT' || uuid === undefined) {
    return plain(404, 'there are GET /devices, /metrics, /readyz and PUT /devices/<uuid>\n');
  }
  const health = await healthIn(request);
  if (health === undefined) {
    return plain(400, 'the body must be {"health":"Healthy"} or {"health":"Unhealthy"}\n');
  }
  const device = devices.setHealth(decodeURIComponent(uuid), health);
  if (device !== undefined) return json(200, device);
  const known = devices.list().map((each) => each.uuid);
  return plain(404, `there is no device ${uuid}; there are ${known.join(', ')}\n`);
}

async function healthIn(request: IncomingMessage): Promise<Health | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > 1_000) return undefined;
    parts.push(part);
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(parts).toString());
    const health = (body as { readonly health?: unknown } | null)?.health;
    return isHealth(health) ? health : undefined;
  } catch {
    return undefined; // not JSON, which the answer says
  }
}

function send(response: ServerResponse, { status, type, text }: Answer): void {
  response.writeHead(status, { 'content-type': type }).end(text);
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()));
  server.closeAllConnections();
  await closed;
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export type RPCProxy = AsyncDisposable & {
  readonly url: string;
  /** What happens to each request from now on. */
  behave(how: { readonly delayMs?: number; readonly refuse?: boolean }): void;
};

/** Stands between the programs and their RPC, and is as bad as a test wants it. */
export async function startRPCProxy(target: string): Promise<RPCProxy> {
  let how: { readonly delayMs?: number; readonly refuse?: boolean } = {};
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      answer(Buffer.concat(parts)).then(
        (text) => response.setHeader('content-type', 'application/json').end(text),
        () => response.writeHead(503).end('the RPC is away'),
      );
    });
  });
  const answer = async (body: Buffer): Promise<string> => {
    const { delayMs = 0, refuse = false } = how;
    if (delayMs > 0) await delay(delayMs);
    if (refuse) throw new Error('refused');
    const headers = { 'content-type': 'application/json' };
    const result = await fetch(target, { method: 'POST', headers, body: body.toString() });
    return result.text();
  };
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    behave: (next) => {
      how = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

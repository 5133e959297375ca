import { setTimeout as delay } from 'node:timers/promises';
import { type LocalServer, startLocalServer } from '../cluster/localServer.ts';

export type RPCProxy = LocalServer & {
  /** What happens to each request from now on. */
  behave(how: { readonly delayMs?: number; readonly refuse?: boolean }): void;
};

/** Stands between the programs and their RPC, and is as bad as a test wants it. */
export async function startRPCProxy(target: string): Promise<RPCProxy> {
  let how: { readonly delayMs?: number; readonly refuse?: boolean } = {};
  const server = await startLocalServer((request, response) => {
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
  return {
    ...server,
    behave: (next) => {
      how = next;
    },
  };
}

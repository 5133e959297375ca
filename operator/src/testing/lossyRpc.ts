import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of one JSON-RPC request: delivered; lost on the way there; or its answer lost on the way back. */
export type Fate = 'deliver' | 'loseRequest' | 'loseAnswer';

export type LossyRpc = AsyncDisposable & {
  /** Carries something that looks like a credential, to be looked for in errors. */
  readonly url: string;
  /** Decides by method; everything is delivered until it is set. */
  fate: (method: string) => Fate;
};

/** A JSON-RPC server on a free port of 127.0.0.1 that forwards to another and loses what it is told to. */
export async function openLossyRpc(upstream: string): Promise<LossyRpc> {
  const rpc = { fate: (_method: string): Fate => 'deliver' };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const parsed = JSON.parse(body) as { method: string } | { method: string }[];
    const fates = [parsed].flat().map(({ method }) => rpc.fate(method));
    if (fates.includes('loseRequest')) {
      request.socket.destroy();
      return;
    }
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(upstream, { method: 'POST', headers, body });
    const text = await answer.text();
    if (fates.includes('loseAnswer')) request.socket.destroy();
    else response.writeHead(answer.status, headers).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(rpc, {
    url: `http://127.0.0.1:${port}/v2/credential-in-path`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export type LocalServer = AsyncDisposable & {
  /** Without a slash at its end. */
  readonly url: string;
};

/** Serves on a free port until it is disposed of, which no open connection holds up. */
export const startLocalServer = async (
  listener: RequestListener,
  address = '127.0.0.1',
): Promise<LocalServer> => {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

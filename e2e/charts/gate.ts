import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Lets tasks in containers end when a test says so. */
export type Gate = AsyncDisposable & {
  /** For `node -e`: runs until the gate is open, then exits 0. */
  readonly script: string;
  open(): void;
  close(): void;
};

/** `address` is this machine's as pods reach it. */
export const openableGate = async (address: string): Promise<Gate> => {
  let isOpen = false;
  const server = createServer((_, response) => {
    response.writeHead(isOpen ? 204 : 425, { connection: 'close' }).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  const url = `http://${address}:${(server.address() as AddressInfo).port}/`;
  return {
    script: `setInterval(() => fetch('${url}').then(({ ok }) => { if (ok) process.exit(0); }, () => {}), 1000)`,
    open: () => {
      isOpen = true;
    },
    close: () => {
      isOpen = false;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

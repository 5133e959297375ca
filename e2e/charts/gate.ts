import { startLocalServer } from '../cluster/localServer.ts';

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
  const server = await startLocalServer((_, response) => {
    response.writeHead(isOpen ? 204 : 425, { connection: 'close' }).end();
  }, address);
  return {
    script: `setInterval(() => fetch('${server.url}').then(({ ok }) => { if (ok) process.exit(0); }, () => {}), 1000)`,
    open: () => {
      isOpen = true;
    },
    close: () => {
      isOpen = false;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export type TcpProxy = AsyncDisposable & {
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  /** Connections accepted so far. */
  readonly accepted: number;
  /** Resets every connection; new ones work. */
  cut(): void;
  /** Resets every connection and lets no new one in, until `restore`. */
  refuse(): Promise<void>;
  /** Keeps connections open but passes nothing on, until `restore`. */
  freeze(): void;
  restore(): Promise<void>;
};

/** A network between a client and a real server that fails on command. */
export async function startTcpProxy(targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let accepted = 0;
  let isFrozen = false;
  let port = 0;

  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    // A reset is what this proxy is for; both ends hear of it by their own means.
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const join = (inbound: Socket): void => {
    accepted++;
    const outbound = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [track(inbound), outbound],
      [track(outbound), inbound],
    ] as const) {
      from.pipe(to);
      from.on('close', () => to.destroy());
      if (isFrozen) from.pause();
    }
  };
  const listen = async (): Promise<Server> => {
    const server = createServer(join);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
    port = (server.address() as AddressInfo).port;
    return server;
  };
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  let server: Server | undefined = await listen();
  const refuse = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    const closed = new Promise<void>((resolve) => {
      if (closing === undefined) resolve();
      else closing.close(() => resolve());
    });
    cut();
    await closed;
  };
  return {
    url: `https://127.0.0.1:${port}`,
    get accepted() {
      return accepted;
    },
    cut,
    refuse,
    freeze() {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    async restore() {
      isFrozen = false;
      for (const socket of sockets) socket.resume();
      server ??= await listen();
    },
    [Symbol.asyncDispose]: refuse,
  };
}

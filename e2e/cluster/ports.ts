import { mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { tryHold } from './holding.ts';
import { identifyProcess, type ProcessIdentity } from './processIdentity.ts';

/**
 * Ports are taken from below the range that the system hands to outgoing connections (32768 upward on
 * Linux), so that a port found free isn't lost to some client connection before its server binds it.
 */
const FIRST = 20_000;
const LAST = 32_000;

export type PortOptions = {
  /** An address of this machine. Default 127.0.0.1. */
  readonly host?: string;
  /** From 0 up to 1. Default Math.random. */
  readonly random?: () => number;
};

/** A port kept for us among all federations of this user on this machine, until released. */
export type PortClaim = { readonly port: number; release(): void };

const claimsFolder = (): string => join(tmpdir(), `gridlease-ports-${userInfo().uid}`);

const isFree = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });

/** A claim whose process is gone counts for nothing. */
const tryClaim = (file: string, owner: ProcessIdentity): boolean => {
  for (;;) {
    // Again for each try: the last claim that is released takes the folder with it.
    mkdirSync(dirname(file), { recursive: true });
    try {
      return tryHold(file, owner) === undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
};

const release = (file: string): void => {
  rmSync(file, { force: true });
  try {
    rmdirSync(dirname(file));
  } catch {
    // Others hold claims there.
  }
};

/**
 * Claims a free port of this machine . Release it once the server that uses it listens: from then on the socket
 * itself keeps others away. Two federations that start side by side never get the same one.
 */
export const claimPort = async ({
  host = '127.0.0.1',
  random = Math.random,
}: PortOptions = {}): Promise<PortClaim> => {
  const folder = claimsFolder();
  const owner = identifyProcess(process.pid);
  if (owner === undefined) throw new Error('this process can not read its own start time');
  for (let attempt = 0; attempt < 500; attempt++) {
    const port = FIRST + Math.floor(random() * (LAST - FIRST));
    const file = join(folder, String(port));
    if (!tryClaim(file, owner)) continue;
    if (await isFree(host, port)) return { port, release: () => release(file) };
    release(file);
  }
  throw new Error(
    `no free port found between ${FIRST} and ${LAST} on ${host}: end programs that listen there, or remove stale claims in ${folder}`,
  );
};

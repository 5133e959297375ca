import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { readProcessBook } from '../processBook.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from '../processIdentity.ts';
import { stopProcesses } from '../stopProcesses.ts';
import { bridgeOf, isCgroupOf, isLinkOf, MAX_NETWORKS, machineAddress } from './addresses.ts';
import { cgroupNames, removeCgroup } from './cgroups.ts';

/** What the nodes of a federation have on this machine beside their folder, written down before it is made. */
export type RegisteredNetwork = {
  /** 1 to 250: names the bridge, the addresses and the control groups. */
  readonly number: number;
  /** Folder of the federation, with the book of its processes and, in `nodes`, a folder for each node. */
  readonly dir: string;
  /** Who started it. */
  readonly owner: ProcessIdentity;
  /** True where the nodes go on after their owner ended, until their federation is taken down. */
  readonly outlivesOwner: boolean;
};

const registerFolder = (): string => join(tmpdir(), `gridlease-nodes-${userInfo().uid}`);
const entryFile = (number: number): string => join(registerFolder(), `${number}.json`);

/** Makes the bridge, or says that there is one of that name. */
const makeBridge = (number: number): 'made' | 'taken' => {
  const bridge = bridgeOf(number);
  for (const args of [
    ['link', 'add', 'name', bridge, 'type', 'bridge'],
    ['addr', 'add', `${machineAddress(number)}/24`, 'dev', bridge],
    ['link', 'set', 'dev', bridge, 'up'],
  ]) {
    const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
    if (status === 0) continue;
    if (stderr.includes('File exists')) return 'taken';
    throw new Error(`ip ${args.join(' ')}: ${stderr.trim()}`);
  }
  return 'made';
};

/**
 * Takes a number that nobody has, and makes the bridge of that number. Exclusive creation is the lock: of the entry
 * among those who share a folder for temporary files, of the bridge among all on this machine.
 */
export const registerNetwork = (
  network: Omit<RegisteredNetwork, 'number' | 'owner'>,
): RegisteredNetwork => {
  const owner = identifyProcess(process.pid);
  if (owner === undefined) throw new Error('this process can not read its own start time');
  for (let number = 1; number <= MAX_NETWORKS; number++) {
    const entry: RegisteredNetwork = { ...network, number, owner };
    try {
      mkdirSync(registerFolder(), { recursive: true });
      writeFileSync(entryFile(number), JSON.stringify(entry), { flag: 'wx' });
    } catch {
      // Taken.
      continue;
    }
    if (makeBridge(number) === 'made') return entry;
    rmSync(entryFile(number), { force: true });
  }
  throw new Error(
    `${MAX_NETWORKS} federations with real nodes are registered in ${registerFolder()}: end some of them`,
  );
};

const registeredNetworks = (): readonly RegisteredNetwork[] => {
  let files: string[];
  try {
    files = readdirSync(registerFolder());
  } catch {
    // None yet.
    return [];
  }
  return files.flatMap((file): RegisteredNetwork[] => {
    try {
      return [JSON.parse(readFileSync(join(registerFolder(), file), 'utf8')) as RegisteredNetwork];
    } catch {
      // Being written, or removed, this moment.
      return [];
    }
  });
};

/** The bridge, and this machine's ends of the pairs that lead into nodes. */
const linksOf = (number: number): readonly string[] =>
  spawnSync('ip', ['-brief', 'link'], { encoding: 'utf8' })
    .stdout.split('\n')
    .map((line) => line.split(/[@\s]/)[0] ?? '')
    .filter((name) => name === bridgeOf(number) || isLinkOf(number, name));

/** Removes what the nodes of a network have left on the machine; their processes must have ended. Safe to repeat. */
export const clearNetwork = async ({
  number,
}: Pick<RegisteredNetwork, 'number'>): Promise<void> => {
  // The kernel takes its time with a namespace that nobody is in any more. The routes to the pods go with the bridge.
  for (const link of linksOf(number)) {
    spawnSync('ip', ['link', 'delete', 'dev', link], { stdio: 'ignore' });
  }
  for (const group of cgroupNames().filter((name) => isCgroupOf(number, name))) {
    await removeCgroup(group);
  }
  rmSync(entryFile(number), { force: true });
  try {
    rmdirSync(registerFolder());
  } catch {
    // Others are in it.
  }
};

/** The networks that the federation in a folder has, or has left. */
export const networksOf = (dir: string): readonly RegisteredNetwork[] =>
  registeredNetworks().filter((network) => network.dir === dir);

/** Clears the nodes of a federation whose processes have ended. */
export const clearNodesOf = async (dir: string): Promise<void> => {
  for (const network of networksOf(dir)) await clearNetwork(network);
};

/** Nodes that nobody will end any more: their federation has ended, or who started it crashed. */
const isAbandoned = (network: RegisteredNetwork): boolean => {
  if (isRunning(network.owner)) return false;
  return !network.outlivesOwner || !readProcessBook(network.dir).some(isRunning);
};

/** Ends what crashed runs have left running, and clears what it had made, in whatever folder it was. */
export const clearAbandonedNodes = async (): Promise<void> => {
  for (const network of registeredNetworks().filter(isAbandoned)) {
    await stopProcesses(readProcessBook(network.dir));
    await clearNetwork(network);
    rmSync(join(network.dir, 'nodes'), { recursive: true, force: true });
  }
};

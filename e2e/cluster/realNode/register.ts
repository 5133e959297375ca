import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { readProcessBook } from '../processBook.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from '../processIdentity.ts';
import { stopProcesses } from '../stopProcesses.ts';
import { removeCgroup } from './cgroups.ts';

/** What a node has on this machine beside its folder, written down before it is made. */
export type RegisteredNode = {
  /** 1 to 250: names its bridge, its subnet and its control group. */
  readonly number: number;
  readonly name: string;
  /** Folder of the federation, with the book of its processes. */
  readonly dir: string;
  readonly folder: string;
  /** Who started it. */
  readonly owner: ProcessIdentity;
  /** True where the node goes on after its owner ended, until its federation is taken down. */
  readonly outlivesOwner: boolean;
};

const registerFolder = (): string => join(tmpdir(), `gridlease-nodes-${userInfo().uid}`);
const entryFile = (number: number): string => join(registerFolder(), `${number}.json`);

export const bridgeOf = (number: number): string => `gridlease${number}`;
export const cgroupOf = (number: number): string => `gridlease-node-${number}`;
/** A /24 in a part of 10/8 that is seldom used. */
export const subnetOf = (number: number) => ({
  subnet: `10.213.${number}.0/24`,
  gateway: `10.213.${number}.1`,
});

const hasLink = (name: string): boolean =>
  spawnSync('ip', ['link', 'show', 'dev', name], { stdio: 'ignore' }).status === 0;

/** Makes the bridge, or says that there is one of that name. */
const makeBridge = (number: number): 'made' | 'taken' => {
  const bridge = bridgeOf(number);
  for (const args of [
    ['link', 'add', 'name', bridge, 'type', 'bridge'],
    ['addr', 'add', `${subnetOf(number).gateway}/24`, 'dev', bridge],
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
export const registerNode = (node: Omit<RegisteredNode, 'number' | 'owner'>): RegisteredNode => {
  const owner = identifyProcess(process.pid);
  if (owner === undefined) throw new Error('this process can not read its own start time');
  for (let number = 1; number <= 250; number++) {
    const entry: RegisteredNode = { ...node, number, owner };
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
  throw new Error(`250 real nodes are registered in ${registerFolder()}: end some of them`);
};

const registeredNodes = (): readonly RegisteredNode[] => {
  let files: string[];
  try {
    files = readdirSync(registerFolder());
  } catch {
    // None yet.
    return [];
  }
  return files.flatMap((file): RegisteredNode[] => {
    try {
      return [JSON.parse(readFileSync(join(registerFolder(), file), 'utf8')) as RegisteredNode];
    } catch {
      // Being written, or removed, this moment.
      return [];
    }
  });
};

/** Removes what a node has left on the machine; its processes must have ended. Safe to repeat. */
export const clearNode = async (node: Pick<RegisteredNode, 'number'>): Promise<void> => {
  const bridge = bridgeOf(node.number);
  if (hasLink(bridge)) spawnSync('ip', ['link', 'delete', 'dev', bridge], { stdio: 'ignore' });
  await removeCgroup(cgroupOf(node.number));
  rmSync(entryFile(node.number), { force: true });
  try {
    rmdirSync(registerFolder());
  } catch {
    // Others are in it.
  }
};

/** The nodes that the federation in a folder has, or has left. */
export const nodesOf = (dir: string): readonly RegisteredNode[] =>
  registeredNodes().filter((node) => node.dir === dir);

/** Clears the nodes of a federation whose processes have ended. */
export const clearNodesOf = async (dir: string): Promise<void> => {
  for (const node of nodesOf(dir)) await clearNode(node);
};

/** A node that nobody will end any more: its federation has ended, or who started it crashed. */
const isAbandoned = (node: RegisteredNode): boolean => {
  if (isRunning(node.owner)) return false;
  return !node.outlivesOwner || !readProcessBook(node.dir).some(isRunning);
};

/** Ends what crashed runs have left running, and clears what it had made, in whatever folder it was. */
export const clearAbandonedNodes = async (): Promise<void> => {
  for (const node of registeredNodes().filter(isAbandoned)) {
    await stopProcesses(readProcessBook(node.dir));
    await clearNode(node);
    rmSync(node.folder, { recursive: true, force: true });
  }
};

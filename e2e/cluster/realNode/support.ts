import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNodeAsset } from '../assets.ts';
import { seccompObstacle } from '../seccompLibrary.ts';
import { cgroupHierarchies } from './cgroups.ts';

export type RealNodeSupport =
  | { readonly supported: true }
  | { readonly supported: false; readonly reason: string };

/** Does once, in namespaces of its own, what a node does; the last line of its output names what failed. */
const TRIAL = `
set -e
echo a tmpfs over /run; mount -t tmpfs tmpfs /run
echo a file over /proc/sys; echo 10 >/run/panic; mount --bind /run/panic /proc/sys/kernel/panic
echo overlayfs in $1; mkdir "$1/lower" "$1/upper" "$1/work" "$1/merged"
mount -t overlay overlay -o "lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work" "$1/merged"; umount "$1/merged"
echo a network bridge; ip link add try0 type bridge
echo a pair of network interfaces; ip link add try1 type veth peer name try2
`;

const COMMANDS = ['bash', 'unshare', 'nsenter', 'mount', 'ip'] as const;

const missingCommand = (): string | undefined =>
  COMMANDS.find((command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).error);

const failedTrial = (): string | undefined => {
  const folder = mkdtempSync(join(tmpdir(), 'gridlease-trial-'));
  try {
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      [
        ...['--mount', '--pid', '--net', '--fork', '--mount-proc'],
        ...['bash', '-c', TRIAL, 'trial', folder],
      ],
      { encoding: 'utf8' },
    );
    if (status === 0) return undefined;
    const step = stdout.trim().split('\n').at(-1) || 'namespaces of its own';
    return `${step}: ${stderr.trim().split('\n').at(-1) ?? ''}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Version 2 hands controllers down only where no process is in the group itself, as in the root of a real machine. */
const handDown = (root: string): void => {
  const file = join(root, 'cgroup.subtree_control');
  const has = readFileSync(file, 'utf8').split(/\s+/);
  const lacks = ['cpu', 'cpuset', 'memory', 'pids'].filter((name) => !has.includes(name));
  if (lacks.length > 0) writeFileSync(file, lacks.map((name) => `+${name}`).join(' '));
};

const cgroupObstacle = (): string | undefined => {
  const all = cgroupHierarchies();
  const hierarchy =
    all.find(({ controllers }) => controllers.includes('memory')) ??
    all.find(({ controllers }) => controllers === 'unified');
  if (hierarchy === undefined) return 'no cgroup hierarchy with memory is mounted';
  const trial = join(hierarchy.path, `gridlease-trial-${process.pid}`);
  try {
    if (hierarchy.controllers === 'unified') handDown(hierarchy.path);
    mkdirSync(trial);
    rmdirSync(trial);
    return undefined;
  } catch (error) {
    return `control groups in ${hierarchy.path}: ${error instanceof Error ? error.message : String(error)}`;
  }
};

const obstacle = (): string | undefined => {
  const told = process.env[NO_REAL_NODE];
  if (told) return told;
  if (platform() !== 'linux') return `a real node runs on Linux, this is ${platform()}`;
  if (process.getuid?.() !== 0) return 'a real node needs root, to make containers';
  if (!/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'))) {
    return 'root of a user namespace is not enough to make containers';
  }
  const command = missingCommand();
  if (command !== undefined) return `the program ${command} is missing`;
  return (
    failedTrial() ??
    cgroupObstacle() ??
    (findNodeAsset('runc') === undefined ? seccompObstacle() : undefined)
  );
};

/** Variable with a reason why there shall be no real nodes: for programs whose parent has found one. */
export const NO_REAL_NODE = 'GRIDLEASE_NO_REAL_NODE';

let known: RealNodeSupport | undefined;

/** Whether real containers can run here. It is tried out once per program, in half a second, and nothing is left. */
export const realNodeSupport = (): RealNodeSupport => {
  if (known === undefined) {
    const reason = obstacle();
    known = reason === undefined ? { supported: true } : { supported: false, reason };
  }
  return known;
};

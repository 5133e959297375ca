import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** One member of a tar archive. Owners, modes and times are stated, never taken from this machine. */
export type TarEntry = {
  /** Without a leading slash: `usr/bin/node`. Folders end without a slash too. */
  readonly path: string;
  readonly mode: number;
  readonly uid?: number;
} & (
  | { readonly type: 'directory' }
  | { readonly type: 'symlink'; readonly target: string }
  | { readonly type: 'file'; readonly content: Buffer | string }
);

/** Of a written file: its size in bytes and its SHA-256 as images name it. */
export type Written = { readonly size: number; readonly digest: `sha256:${string}` };

const BLOCK = 512;
const CHUNK = 1 << 20;
const TYPE_FLAG = { file: '0', symlink: '2', directory: '5' } as const;

const octal = (value: number, length: number): string =>
  `${value.toString(8).padStart(length - 1, '0')}\0`;

/** ustar keeps at most 100 bytes of name and 155 of folders before it. */
const splitPath = (path: string): { readonly name: string; readonly prefix: string } => {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100 && name !== '') {
      return { name, prefix };
    }
  }
  throw new Error(`${path} is too long for a tar archive: 100 bytes of name, 155 of folders`);
};

const header = (entry: TarEntry, size: number): Buffer => {
  const block = Buffer.alloc(BLOCK);
  const { name, prefix } = splitPath(entry.type === 'directory' ? `${entry.path}/` : entry.path);
  block.write(name, 0, 100);
  block.write(octal(entry.mode, 8), 100);
  block.write(octal(entry.uid ?? 0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  // Time zero: the same files give the same bytes on any day.
  block.write(octal(0, 12), 136);
  block.write('        ', 148);
  block.write(TYPE_FLAG[entry.type], 156);
  if (entry.type === 'symlink') block.write(entry.target, 157, 100);
  block.write('ustar\x0000', 257);
  block.write(octal(0, 8), 329);
  block.write(octal(0, 8), 337);
  block.write(prefix, 345, 155);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
};

/**
 * Writes the entries in the order of their paths, so that the same entries give the same file. A content that is
 * a string names a local file, which is copied in pieces: a layer with Node in it has 120 MB.
 */
export const writeTar = async (file: string, entries: readonly TarEntry[]): Promise<Written> => {
  await using out = await open(file, 'w');
  const hash = createHash('sha256');
  let size = 0;
  const put = async (bytes: Buffer): Promise<void> => {
    hash.update(bytes);
    size += bytes.length;
    await out.write(bytes);
  };
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const entry of sorted) {
    if (entry.type !== 'file') {
      await put(header(entry, 0));
    } else if (typeof entry.content !== 'string') {
      await put(header(entry, entry.content.length));
      await put(entry.content);
      await put(Buffer.alloc(padding(entry.content.length)));
    } else {
      await using source = await open(entry.content);
      const { size: length } = await source.stat();
      await put(header(entry, length));
      await copy(source, length, put);
      await put(Buffer.alloc(padding(length)));
    }
  }
  await put(Buffer.alloc(2 * BLOCK));
  return { size, digest: `sha256:${hash.digest('hex')}` };
};

const padding = (length: number): number => (BLOCK - (length % BLOCK)) % BLOCK;

/** Exactly `length` bytes: the header says so already, and a file that shrinks meanwhile must not shift the rest. */
const copy = async (
  source: FileHandle,
  length: number,
  put: (bytes: Buffer) => Promise<void>,
): Promise<void> => {
  const buffer = Buffer.alloc(Math.min(CHUNK, Math.max(1, length)));
  for (let left = length; left > 0; ) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(left, buffer.length));
    if (bytesRead === 0) throw new Error('a file became shorter while it was put into an image');
    await put(buffer.subarray(0, bytesRead));
    left -= bytesRead;
  }
};

import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, inflateSync } from 'node:zlib';
import { afterAll, expect, jest, test } from '@jest/globals';
import { ExampleProgram } from './testing/program.ts';

jest.setTimeout(120_000);

const scratch = mkdtempSync(join(tmpdir(), 'gridlease-render-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Reads a PNG as its specification says, apart from the program's own writer. */
const decode = (png: Buffer): { width: number; height: number; samples: Buffer } => {
  expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  const parts: Record<string, Buffer> = {};
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + length);
    expect(crc32(body)).toBe(png.readUInt32BE(at + 8 + length));
    parts[body.subarray(0, 4).toString('latin1')] = body.subarray(4);
    at += 12 + length;
  }
  expect(Object.keys(parts)).toEqual(['IHDR', 'IDAT', 'IEND']);
  const width = parts['IHDR']!.readUInt32BE(0);
  const height = parts['IHDR']!.readUInt32BE(4);
  expect([...parts['IHDR']!.subarray(8)]).toEqual([8, 2, 0, 0, 0]);
  const lines = inflateSync(parts['IDAT']!);
  expect(lines.length).toBe(height * (3 * width + 1));
  const rows = Array.from({ length: height }, (_, y) => {
    expect(lines[y * (3 * width + 1)]).toBe(0);
    return lines.subarray(y * (3 * width + 1) + 1, (y + 1) * (3 * width + 1));
  });
  return { width, height, samples: Buffer.concat(rows) };
};

const render = async (
  index: number,
  folder: string,
  env: Readonly<Record<string, string>> = {},
) => {
  await using program = new ExampleProgram('render', {
    JOB_COMPLETION_INDEX: String(index),
    GRIDLEASE_COMPLETIONS: '4',
    OUTPUT_DIR: join(scratch, folder),
    ...env,
  });
  expect(await program.end()).toEqual({ code: 0, signal: null });
  const file = join(scratch, folder, `frame-${index}.png`);
  const png = readFileSync(file);
  expect(program.out).toContain(`frame=${index} sha256=${sha256(png)} bytes=${png.length} `);
  return png;
};

test.each([
  [0, 'fcfda4d19cdb9cc251e7e8201f08467b0859efb326ec9b8c50b10053a4179faf'],
  [1, 'b9c89680ce11a3a8ac95c76f72ebc6d732b431be148ae3cb729ee0f29c745b84'],
])('frame %i is the same picture everywhere', async (index, expected) => {
  const { width, height, samples } = decode(await render(index, 'four'));
  expect([width, height]).toEqual([160, 120]);
  expect(sha256(samples)).toBe(expected);
});

test('a frame has the same bytes on every run, another index another picture, and no part is left', async () => {
  const first = await render(2, 'one');
  expect((await render(2, 'two')).equals(first)).toBe(true);
  expect((await render(3, 'one')).equals(first)).toBe(false);
  expect(readdirSync(join(scratch, 'one')).sort()).toEqual(['frame-2.png', 'frame-3.png']);
});

test('the picture shows a sky, a bright ball and dark tiles', async () => {
  const { width, samples } = decode(await render(0, 'seen', { WIDTH: '80', HEIGHT: '60' }));
  expect(width).toBe(80);
  const at = (x: number, y: number) => [
    ...samples.subarray(3 * (y * 80 + x), 3 * (y * 80 + x) + 3),
  ];
  const [red, , blue] = at(40, 1);
  expect(blue).toBeGreaterThan(red!);
  const brightness = Array.from({ length: 60 * 80 }, (_, i) => samples[3 * i]!);
  expect(Math.max(...brightness)).toBeGreaterThan(220);
  expect(Math.min(...brightness)).toBeLessThan(90);
});

test('a folder that can not be written to fails with a sentence', async () => {
  await using program = new ExampleProgram('render', {
    OUTPUT_DIR: '/dev/null/frames',
    WIDTH: '8',
    HEIGHT: '6',
  });
  expect((await program.end()).code).toBe(1);
  expect(program.errors).toContain('error: frame 0: ENOTDIR');
});

/**
 * Renders the frame of its index and writes it as frame-<index>.png to OUTPUT_DIR. Says the file's SHA-256.
 *
 * JOB_COMPLETION_INDEX 0 · GRIDLEASE_COMPLETIONS 12 (frames of a whole turn) · OUTPUT_DIR /outputs · WIDTH 160 ·
 * HEIGHT 120.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, wholeNumber } from '../lib/settings.mjs';
import { encodePNG } from './png.mjs';
import { renderFrame } from './scene.mjs';

const index = wholeNumber('JOB_COMPLETION_INDEX', 0);
const frames = wholeNumber('GRIDLEASE_COMPLETIONS', 12);
const width = wholeNumber('WIDTH', 160);
const height = wholeNumber('HEIGHT', 120);
const folder = process.env.OUTPUT_DIR || '/outputs';
const file = join(folder, `frame-${index}.png`);

// Ended on purpose in the middle of a frame: nothing half done is left, and nobody takes this for a success.
process.once('SIGTERM', () => process.exit(143));

try {
  const began = performance.now();
  const png = encodePNG(width, height, renderFrame(index, frames, width, height));
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.part`, png);
  renameSync(`${file}.part`, file);
  const sha256 = createHash('sha256').update(png).digest('hex');
  const seconds = ((performance.now() - began) / 1000).toFixed(2);
  process.stdout.write(
    `frame=${index} sha256=${sha256} bytes=${png.length} seconds=${seconds} file=${file}\n`,
  );
} catch (error) {
  fail(`frame ${index}: ${error.message}`);
}

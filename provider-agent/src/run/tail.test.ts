import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readPodLog } from './podLog.ts';
import { KEPT_LOG_BYTES, readTail } from './tail.ts';

async function* chunksOf(...parts: readonly (string | Uint8Array)[]) {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part;
}

describe('the end of a stream', () => {
  test('is the whole of a short one', async () => {
    const tail = await readTail(chunksOf('loss 3.1\n', 'loss 2.9\n'), 100);
    expect(tail).toEqual({ bytes: Buffer.from('loss 3.1\nloss 2.9\n'), isCut: false, lines: 2 });
  });

  test('is nothing of an empty one', async () => {
    expect(await readTail(chunksOf(), 10)).toEqual({
      bytes: Buffer.alloc(0),
      isCut: false,
      lines: 0,
    });
  });

  test('is what the same bytes in one piece end with, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 100 }),
        async (parts, limit) => {
          const whole = Buffer.concat(parts);
          const { bytes, isCut } = await readTail(chunksOf(...parts), limit);
          expect(bytes).toEqual(whole.subarray(Math.max(0, whole.byteLength - limit)));
          expect(isCut).toBe(whole.byteLength > limit);
        },
      ),
    );
  });

  test('of half a gigabyte holds no more than it keeps and one piece', async () => {
    const piece = Buffer.alloc(1 << 20, 120);
    async function* long() {
      for (let count = 0; count < 512; count += 1) yield piece;
    }
    const before = process.memoryUsage().arrayBuffers;
    const { bytes, isCut } = await readTail(long());
    expect([bytes.byteLength, isCut]).toEqual([KEPT_LOG_BYTES, true]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  }, 60_000);
});

describe('the log of a container', () => {
  /** An API server with one log: gives its last lines, as many as are asked for. */
  const logOf = (text: string) => {
    const asked: number[] = [];
    const cluster = {
      stream: async ({ query = {} }: { readonly query?: Readonly<Record<string, unknown>> }) => {
        const count = Number(query['tailLines']);
        asked.push(count);
        return chunksOf(
          text
            .split(/(?<=\n)/)
            .slice(-count)
            .join(''),
        );
      },
    };
    const read = {
      cluster,
      pod: { namespace: 't', name: 'p' },
      signal: AbortSignal.timeout(9_000),
    };
    return { asked, tail: readPodLog(read as never) };
  };

  test.each([
    ['that is short', 'one\ntwo\n', [256], false],
    ['with long lines', `${'x'.repeat(999)}\n`.repeat(300), [256], true],
    ['with short lines', 'abc\n'.repeat(1_000), [256, 4_096], false],
    ['with short lines, and many', 'abc\n'.repeat(30_000), [256, 4_096, 65_536], true],
    ['of empty lines alone', '\n'.repeat(70_000), [256, 4_096, 65_536], true],
    ['without an end of line', 'y'.repeat(100_000), [256], true],
  ])('%s', async (_name, text, lineCounts, isCut) => {
    const { asked, tail } = logOf(text);
    expect((await tail).bytes.toString()).toBe(text.slice(-KEPT_LOG_BYTES));
    expect((await tail).isCut).toBe(isCut);
    expect(asked).toEqual(lineCounts);
  });
});

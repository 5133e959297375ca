/** How much of a task's log is kept after its pod is gone, in bytes. */
export const KEPT_LOG_BYTES = 65_536;

/** The end of a stream of bytes, of which no more than this is ever held. */
export type Tail = {
  readonly bytes: Buffer;
  /** Something came before it. */
  readonly isCut: boolean;
  /** Newlines in everything that was read. */
  readonly lines: number;
};

const newline = 10;

/** Reads a stream to its end and keeps its last `limit` bytes. Throws what the stream throws. */
export async function readTail(
  stream: AsyncIterable<Uint8Array>,
  limit: number = KEPT_LOG_BYTES,
): Promise<Tail> {
  const kept: Uint8Array[] = [];
  let held = 0;
  let total = 0;
  let lines = 0;
  for await (const chunk of stream) {
    // A search and no loop over bytes: a log may be a gigabyte.
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) lines += 1;
    kept.push(chunk);
    held += chunk.byteLength;
    total += chunk.byteLength;
    while (held - kept[0]!.byteLength >= limit) held -= kept.shift()!.byteLength;
  }
  const whole = Buffer.concat(kept);
  const bytes = Buffer.from(whole.subarray(Math.max(0, whole.byteLength - limit)));
  return { bytes, isCut: total > limit, lines };
}

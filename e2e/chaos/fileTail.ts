import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

/** Reads what was appended to a file since the last time, in whole lines. The last, unfinished one waits. */
export class FileTail {
  readonly #file: string;
  #offset = 0;

  constructor(file: string) {
    this.#file = file;
  }

  lines(): readonly string[] {
    if (!existsSync(this.#file)) return [];
    const handle = openSync(this.#file, 'r');
    try {
      const text = Buffer.alloc(fstatSync(handle).size - this.#offset);
      const length = readSync(handle, text, 0, text.length, this.#offset);
      const end = text.subarray(0, length).lastIndexOf('\n') + 1;
      this.#offset += end;
      return text.toString('utf8', 0, end).split('\n').slice(0, -1);
    } finally {
      closeSync(handle);
    }
  }
}

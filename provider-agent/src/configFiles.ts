import { readFileSync } from 'node:fs';
import { TerminalError } from '@gridlease/kube/errors';

/** The text of a file without what surrounds it. Throws a TerminalError that names the field and the file. */
export function readText(field: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new TerminalError(`${field}: the file ${path} can't be read`, { cause });
  }
}

/** A file of JSON. Throws a TerminalError that names the field and the file, never its content. */
export function readJSON(field: string, path: string): unknown {
  const text = readText(field, path);
  try {
    return JSON.parse(text);
  } catch {
    // The cause quotes the content.
    throw new TerminalError(`${field}: the file ${path} is not JSON`);
  }
}

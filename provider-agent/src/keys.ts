import { readFileSync, statSync } from 'node:fs';
import { TerminalError } from '@gridlease/kube/errors';
import type { Logger } from '@gridlease/kube/log';
import type { LocalAccount } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

/**
 * Reads a private key (0x and 64 hexadecimal digits) from a file. Warns when others may read it.
 * Throws a TerminalError that names the file, never its content.
 */
export function loadKey(path: string, what: string, log: Logger): LocalAccount {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
    const { mode, uid } = statSync(path);
    // A Secret that is mounted belongs to root, and a pod reads it through its group.
    if ((mode & (uid === process.getuid?.() ? 0o077 : 0o007)) !== 0) {
      const shown = (mode & 0o777).toString(8);
      log.warn({ path, mode: shown }, `The ${what} key can be read by others: chmod 600 ${path}`);
    }
  } catch (error) {
    throw new TerminalError(`The ${what} key ${path} can't be read`, { cause: error });
  }
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) {
    throw new TerminalError(`The ${what} key ${path} is not 0x and 64 hexadecimal digits`);
  }
  try {
    return privateKeyToAccount(text as `0x${string}`);
  } catch {
    // The cause may show the key.
    throw new TerminalError(`The ${what} key ${path} is no key of the curve`);
  }
}

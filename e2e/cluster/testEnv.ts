import { interruptSignal } from './interrupt.ts';
import { terminalProgress } from './progress.ts';
import {
  defaultTestEnvironmentFolder,
  environmentFile,
  startTestEnvironment,
  stopTestEnvironment,
  testEnvironmentIsUp,
} from './testEnvironment.ts';

/** `node e2e/cluster/testEnv.ts start|stop [--dir FOLDER]`: clusters that stay up while one works on tests. */
const main = async (args: readonly string[]): Promise<void> => {
  const dirAt = args.indexOf('--dir');
  const dir = (dirAt >= 0 ? args[dirAt + 1] : undefined) ?? defaultTestEnvironmentFolder();
  if (args[0] === 'stop') return stopTestEnvironment(dir);
  if (args[0] !== 'start') throw new Error('usage: testEnv.ts start|stop [--dir FOLDER]');
  if (testEnvironmentIsUp(dir)) {
    process.stdout.write(`${environmentFile(dir)}\n`);
    return;
  }
  // What is left of an environment that isn't whole would only be in the way.
  await stopTestEnvironment(dir);
  const file = await startTestEnvironment({
    dir,
    progress: terminalProgress(),
    signal: interruptSignal(),
  });
  process.stdout.write(`${file}\n`);
};

try {
  await main(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

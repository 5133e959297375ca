import { interruptSignal } from '../cluster/interrupt.ts';
import { chaosArguments } from './arguments.ts';
import { killSuite } from './killSuite.ts';
import { providerLostSuite } from './providerLostSuite.ts';

/**
 * `npm run chaos -- --suite S --seed N`: mistreats a federation of its own and checks that nothing was lost or done
 * twice. Progress goes to standard error; with `--json` one object goes to standard output.
 */
const suites = { kill: killSuite, 'provider-lost': providerLostSuite } as const;

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

try {
  const options = chaosArguments(process.argv.slice(2));
  const started = performance.now();
  say(`suite ${options.suite}, seed ${options.seed}`);
  const runs = await suites[options.suite]({ ...options, say, signal: interruptSignal() });
  const failures = runs.filter((run) => !run.ok);
  for (const { run } of failures) {
    say(
      `✗ replay: npm run chaos -- --suite ${options.suite} --seed ${options.seed} --run ${run} --keep`,
    );
  }
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const { suite, seed } = options;
  say(`${runs.length - failures.length} of ${runs.length} runs passed in ${seconds} s`);
  if (options.json) {
    const summary = { suite, seed, runs, failures: failures.length, seconds };
    process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  }
  process.exit(failures.length === 0 && runs.length > 0 ? 0 : 1);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

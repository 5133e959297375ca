/**
 * Trains a small neural network with real gradient descent and prints its loss. Keeps a checkpoint at
 * GRIDLEASE_CHECKPOINT_URI every CHECKPOINT_EVERY steps and on SIGTERM, and continues from it: however often it is
 * ended, with whatever signal, the final weights are those of an uninterrupted run.
 *
 * STEPS 400 · CHECKPOINT_EVERY 20 · LOG_EVERY 10 · STEP_MILLISECONDS 0 (shortest time of a step) · SEED 7 ·
 * LEARNING_RATE_MILLIONTHS 3000. Exit code 0: trained; 143: ended by SIGTERM, checkpoint saved; 1: failed;
 * 3: a later attempt owns the checkpoint.
 */
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { openStore } from '../lib/s3.mjs';
import { fail, wholeNumber } from '../lib/settings.mjs';
import { checkpointAt, digestOf, SupersededError } from './checkpoint.mjs';
import { dataset, evaluate, initialState, trainStep } from './model.mjs';

const say = (line) => process.stdout.write(`${line}\n`);
const number = (value) => value.toFixed(10);

const steps = wholeNumber('STEPS', 400);
const every = wholeNumber('CHECKPOINT_EVERY', 20);
const logEvery = wholeNumber('LOG_EVERY', 10);
const stepMilliseconds = wholeNumber('STEP_MILLISECONDS', 0);
const settings = {
  seed: wholeNumber('SEED', 7),
  learningRate: wholeNumber('LEARNING_RATE_MILLIONTHS', 3_000) / 1_000_000,
};
const index = wholeNumber('JOB_COMPLETION_INDEX', 0);
const uri = process.env.GRIDLEASE_CHECKPOINT_URI;

const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());

async function main() {
  say(
    `train index=${index} attempt=${process.env.GRIDLEASE_ATTEMPT ?? '?'} steps=${steps} checkpoints=${uri ?? 'none'}`,
  );
  const checkpoint = uri === undefined ? undefined : checkpointAt(openStore(), uri, index);
  const data = dataset(settings.seed);
  const loss = () => evaluate(state.parameters, data).loss;

  const earlier = await checkpoint?.load(settings);
  const state = earlier?.state ?? initialState(settings.seed);
  if (earlier !== undefined) {
    if (loss() !== earlier.loss)
      fail(`${checkpoint.location} gives another loss than it was saved with`);
    say(`resumed step=${state.step} loss=${number(earlier.loss)} from=${checkpoint.location}`);
  } else {
    say(`step=0 loss=${number(loss())}`);
  }
  await checkpoint?.claim(state, settings, loss());

  while (state.step < steps && !stopping.signal.aborted) {
    const began = performance.now();
    trainStep(state, data, settings);
    if (state.step % logEvery === 0) say(`step=${state.step} loss=${number(loss())}`);
    if (every > 0 && state.step % every === 0 && state.step < steps)
      await keep(checkpoint, state, loss());
    const left = stepMilliseconds - (performance.now() - began);
    if (left > 0) await delay(left, undefined, { signal: stopping.signal }).catch(() => undefined);
    // Signals are heard between two turns of the event loop only.
    else await turn();
  }

  if (state.step < steps) {
    await checkpoint?.save(state, settings, loss());
    say(
      `stopped step=${state.step} loss=${number(loss())} saved=${checkpoint?.location ?? 'nowhere'}`,
    );
    process.exit(143);
  }
  await checkpoint?.save(state, settings, loss());
  const model = await checkpoint?.saveModel(state, loss());
  const { accuracy } = evaluate(state.parameters, data);
  say(
    `final step=${state.step} loss=${number(loss())} accuracy=${accuracy.toFixed(4)} weights=${digestOf(state.parameters)} model=${model ?? 'nowhere'}`,
  );
}

/** A store that is away costs progress if this task dies meanwhile, so it goes on; the last save must succeed. */
async function keep(checkpoint, state, loss) {
  if (checkpoint === undefined) return;
  try {
    await checkpoint.save(state, settings, loss);
    say(`checkpoint step=${state.step}`);
  } catch (error) {
    if (error instanceof SupersededError) throw error;
    process.stderr.write(`warning: no checkpoint at step ${state.step}: ${error.message}\n`);
  }
}

main().catch((error) => fail(error.message, error instanceof SupersededError ? 3 : 1));

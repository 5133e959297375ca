import { createHash, randomUUID } from 'node:crypto';
import { below } from '../lib/s3.mjs';
import { PARAMETER_COUNT } from './model.mjs';

const encode = (numbers) => Buffer.from(numbers.buffer, 0, numbers.byteLength).toString('base64');

function decode(text) {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 8 * PARAMETER_COUNT)
    throw new Error('it belongs to a model of another size');
  // Copied: a Buffer need not begin at a multiple of eight.
  return new Float64Array(new Uint8Array(bytes).buffer);
}

export const digestOf = (parameters) =>
  `sha256:${createHash('sha256').update(new Uint8Array(parameters.buffer)).digest('hex')}`;

/** A write whose answer was lost has replaced the version that its second try asks for. */
const LOOKS = 3;

export class SupersededError extends Error {}

/**
 * Where a task keeps its state: one object per index, replaced as a whole. The task that started last owns it. One
 * that was cut off from its cluster and still runs finds somebody else's mark and ends, instead of turning time back.
 */
export function checkpointAt(store, uri, index) {
  const location = below(uri, `checkpoint-${index}.json`);
  const owner = randomUUID();
  const write = (state, settings, loss, version) => {
    const { step, parameters, first, second } = state;
    const content = {
      version: 1,
      // In the content too: the same state of another owner is another version of the object.
      owner,
      step,
      loss,
      settings,
      weights: digestOf(parameters),
      parameters: encode(parameters),
      first: encode(first),
      second: encode(second),
    };
    return store.putText(location, JSON.stringify(content), { version, metadata: { owner } });
  };
  return {
    location,
    /** The state of before, with its loss; undefined at the first start. */
    async load(settings) {
      const text = await store.getText(location);
      if (text === undefined) return undefined;
      const stored = JSON.parse(text);
      if (JSON.stringify(stored.settings) !== JSON.stringify(settings)) {
        throw new Error(
          `${location} was made with ${JSON.stringify(stored.settings)}, not with ${JSON.stringify(settings)}: use another checkpointURI`,
        );
      }
      const parameters = decode(stored.parameters);
      if (digestOf(parameters) !== stored.weights) throw new Error(`${location} is damaged`);
      const [first, second] = [decode(stored.first), decode(stored.second)];
      return { state: { step: stored.step, parameters, first, second }, loss: stored.loss };
    },
    /** Makes this task the owner, whoever was it before. */
    async claim(state, settings, loss) {
      await write(state, settings, loss);
    },
    /** Replaces what this task wrote before, and nothing else: between the look and the write lies time. */
    async save(state, settings, loss) {
      for (let look = 1; look <= LOOKS; look++) {
        const current = await store.head(location, 'owner');
        if (current !== undefined && current.owner !== owner)
          throw new SupersededError(`${location} belongs to a later attempt now`);
        if (await write(state, settings, loss, current?.version)) return;
      }
      throw new Error(`${location} changed under each of ${LOOKS} tries to replace it`);
    },
    /** The trained weights, for whoever serves them. */
    async saveModel(state, loss) {
      const target = below(uri, `model-${index}.json`);
      const { parameters, step } = state;
      const content = {
        version: 1,
        step,
        loss,
        weights: digestOf(parameters),
        parameters: encode(parameters),
      };
      await store.putText(target, JSON.stringify(content));
      return target;
    },
  };
}

/** The parameters of a model that saveModel has written. */
export function readModel(text) {
  const model = JSON.parse(text);
  const parameters = decode(model.parameters);
  if (digestOf(parameters) !== model.weights) throw new Error('the model is damaged');
  return { parameters, weights: model.weights, loss: model.loss, step: model.step };
}

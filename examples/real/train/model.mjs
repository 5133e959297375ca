/**
 * A small neural network and its training, in plain arithmetic: two inputs, two hidden layers of tanh, one logistic
 * output, Adam. The same seed gives the same numbers on every run: batches follow from seed and step alone, so that a
 * training that is continued from a checkpoint sees what an uninterrupted one would have seen.
 */
const SHAPE = [2, 24, 24, 1];
const POINTS = 512;
const BATCH = 128;

export const PARAMETER_COUNT = SHAPE.slice(1).reduce(
  (sum, out, i) => sum + out * (SHAPE[i] + 1),
  0,
);

/** A generator of numbers from 0 to 1 (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Two spirals that wind around each other, with some noise; the label says which one a point is of. */
export function dataset(seed) {
  const random = randomFrom(seed);
  const inputs = new Float64Array(2 * POINTS);
  const labels = new Float64Array(POINTS);
  for (let i = 0; i < POINTS; i++) {
    const label = i % 2;
    const turn = 0.5 + 3.5 * Math.sqrt(random());
    const angle = turn + label * Math.PI;
    inputs[2 * i] = (turn / 4) * Math.cos(angle) + 0.04 * (random() - 0.5);
    inputs[2 * i + 1] = (turn / 4) * Math.sin(angle) + 0.04 * (random() - 0.5);
    labels[i] = label;
  }
  return { inputs, labels };
}

export function initialState(seed) {
  const random = randomFrom(seed ^ 0x5eed);
  const parameters = new Float64Array(PARAMETER_COUNT);
  let at = 0;
  for (let layer = 1; layer < SHAPE.length; layer++) {
    const [from, to] = [SHAPE[layer - 1], SHAPE[layer]];
    const scale = Math.sqrt(6 / (from + to));
    for (let i = 0; i < from * to; i++) parameters[at++] = scale * (2 * random() - 1);
    at += to;
  }
  const zeros = () => new Float64Array(PARAMETER_COUNT);
  return { step: 0, parameters, first: zeros(), second: zeros() };
}

/** The activations of every layer for one point; the last is the logit. */
function forward(parameters, x, y, activations) {
  activations[0][0] = x;
  activations[0][1] = y;
  let at = 0;
  for (let layer = 1; layer < SHAPE.length; layer++) {
    const [before, here] = [activations[layer - 1], activations[layer]];
    const biases = at + before.length * here.length;
    for (let j = 0; j < here.length; j++) {
      let sum = parameters[biases + j];
      for (let i = 0; i < before.length; i++)
        sum += before[i] * parameters[at + j * before.length + i];
      here[j] = layer === SHAPE.length - 1 ? sum : Math.tanh(sum);
    }
    at = biases + here.length;
  }
  return activations.at(-1)[0];
}

const newActivations = () => SHAPE.map((size) => new Float64Array(size));
const logistic = (z) => 1 / (1 + Math.exp(-z));
/** ln(1 + e^z) − label·z without overflow. */
const crossEntropy = (z, label) => Math.max(z, 0) - label * z + Math.log1p(Math.exp(-Math.abs(z)));

/** Probability that a point is of the second spiral. */
export const predict = (parameters, x, y) => logistic(forward(parameters, x, y, newActivations()));

/** Mean cross-entropy and share of right answers over the whole dataset. */
export function evaluate(parameters, { inputs, labels }) {
  const activations = newActivations();
  let loss = 0;
  let right = 0;
  for (let i = 0; i < labels.length; i++) {
    const z = forward(parameters, inputs[2 * i], inputs[2 * i + 1], activations);
    loss += crossEntropy(z, labels[i]);
    if (z > 0 === (labels[i] === 1)) right++;
  }
  return { loss: loss / labels.length, accuracy: right / labels.length };
}

/** Adds the gradient of one point's loss to `gradient` (backpropagation). */
function addGradient(parameters, x, y, label, gradient, activations) {
  let deltas = [logistic(forward(parameters, x, y, activations)) - label];
  let end = PARAMETER_COUNT;
  for (let layer = SHAPE.length - 1; layer >= 1; layer--) {
    const [before, size] = [activations[layer - 1], SHAPE[layer]];
    const biases = end - size;
    const weights = biases - before.length * size;
    const next = new Array(before.length).fill(0);
    for (let j = 0; j < size; j++) {
      gradient[biases + j] += deltas[j];
      for (let i = 0; i < before.length; i++) {
        gradient[weights + j * before.length + i] += deltas[j] * before[i];
        next[i] += deltas[j] * parameters[weights + j * before.length + i];
      }
    }
    deltas = next.map((value, i) => value * (1 - before[i] * before[i]));
    end = weights;
  }
}

/** One step of Adam on a batch that follows from seed and step. Changes `state`. */
export function trainStep(state, { inputs, labels }, { seed, learningRate }) {
  const random = randomFrom(Math.imul(seed + 1, 0x9e3779b1) + state.step);
  const gradient = new Float64Array(PARAMETER_COUNT);
  const activations = newActivations();
  for (let n = 0; n < BATCH; n++) {
    const i = Math.floor(random() * labels.length);
    addGradient(
      state.parameters,
      inputs[2 * i],
      inputs[2 * i + 1],
      labels[i],
      gradient,
      activations,
    );
  }
  state.step++;
  const [bias1, bias2] = [1 - 0.9 ** state.step, 1 - 0.999 ** state.step];
  for (let k = 0; k < PARAMETER_COUNT; k++) {
    const g = gradient[k] / BATCH;
    state.first[k] = 0.9 * state.first[k] + 0.1 * g;
    state.second[k] = 0.999 * state.second[k] + 0.001 * g * g;
    state.parameters[k] -=
      (learningRate * (state.first[k] / bias1)) / (Math.sqrt(state.second[k] / bias2) + 1e-8);
  }
}

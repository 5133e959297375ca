/**
 * Serves a trained model: POST /predict {"points": [[x, y], …]} → {"probabilities": […], "weights": "sha256:…"};
 * GET /health answers 200 once the model is loaded and 503 while it ends.
 *
 * MODEL_URI s3://… of a model that the training wrote; without it a small model is trained at the start.
 * PORT 8000. On SIGTERM it finishes what it has begun and ends with 0.
 */
import { createServer } from 'node:http';
import { openStore } from '../lib/s3.mjs';
import { fail, wholeNumber } from '../lib/settings.mjs';
import { digestOf, readModel } from '../train/checkpoint.mjs';
import { dataset, evaluate, initialState, predict, trainStep } from '../train/model.mjs';

const MAX_BODY = 1 << 20;
const MAX_POINTS = 10_000;
const port = wholeNumber('PORT', 8000);

async function loadModel() {
  const uri = process.env.MODEL_URI;
  if (uri) {
    const text = await openStore().getText(uri);
    if (text === undefined) throw new Error(`${uri} does not exist: has the training ended?`);
    return { ...readModel(text), from: uri };
  }
  const settings = { seed: 7, learningRate: 0.01 };
  const [data, state] = [dataset(settings.seed), initialState(settings.seed)];
  while (state.step < 200) trainStep(state, data, settings);
  const { loss } = evaluate(state.parameters, data);
  return {
    parameters: state.parameters,
    weights: digestOf(state.parameters),
    loss,
    from: 'built in',
  };
}

class RequestError extends Error {}

async function pointsOf(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > MAX_BODY) throw new RequestError('the request is larger than 1 MiB');
    parts.push(part);
  }
  let points;
  try {
    ({ points } = JSON.parse(Buffer.concat(parts).toString('utf8')));
  } catch {
    throw new RequestError('the request is no JSON object');
  }
  const isPoint = (p) => Array.isArray(p) && p.length === 2 && p.every(Number.isFinite);
  if (!Array.isArray(points) || points.length > MAX_POINTS || !points.every(isPoint)) {
    throw new RequestError(`write {"points": [[x, y], …]} with at most ${MAX_POINTS} points`);
  }
  return points;
}

let isEnding = false;
/** Points answered so far. */
let served = 0;

function answer(response, status, value) {
  response.writeHead(status, {
    'content-type': 'application/json',
    // Otherwise an idle connection keeps an ending server alive.
    ...(isEnding ? { connection: 'close' } : {}),
  });
  response.end(`${JSON.stringify(value)}\n`);
}

async function handle(model, request, response) {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/health') return answer(response, isEnding ? 503 : 200, { ready: !isEnding });
  if (pathname !== '/predict') return answer(response, 404, { error: 'write /predict or /health' });
  if (request.method !== 'POST') return answer(response, 405, { error: 'write POST /predict' });
  try {
    const points = await pointsOf(request);
    const probabilities = points.map(([x, y]) => predict(model.parameters, x, y));
    served += points.length;
    return answer(response, 200, { probabilities, weights: model.weights });
  } catch (error) {
    if (error instanceof RequestError) return answer(response, 400, { error: error.message });
    throw error;
  }
}

/** Undefined while the model is being loaded. */
let server;

process.once('SIGTERM', () => {
  isEnding = true;
  if (server === undefined) process.exit(0);
  server.close(() => {
    process.stdout.write(`ended served=${served}\n`);
    process.exit(0);
  });
  server.closeIdleConnections();
});

async function main() {
  const model = await loadModel();
  server = createServer((request, response) => {
    handle(model, request, response).catch((error) => {
      process.stderr.write(`error: ${request.url}: ${error.message}\n`);
      if (!response.headersSent) answer(response, 500, { error: 'it failed here; see the log' });
    });
  });
  server.once('error', (error) => fail(error.message));
  server.listen(port, () => {
    process.stdout.write(
      `serving port=${server.address().port} weights=${model.weights} loss=${model.loss.toFixed(10)} model=${model.from}\n`,
    );
  });
}

main().catch((error) => fail(error.message));

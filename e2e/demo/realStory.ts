import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gpuJobFor, type JobName } from '../../examples/real/jobs.ts';
import type { Federation } from '../cluster/federation.ts';
import { ROOT } from '../cluster/paths.ts';
import { readObject, type S3Store } from '../cluster/s3.ts';
import type { JobChanges } from '../images/fillJob.ts';
import type { SceneImages } from '../nodeScenes/images.ts';
import { getJson, type Kubectl, kubectlFor } from './kubectl.ts';
import { condition, type Job } from './receipts.ts';
import { type StoryEnd, type StoryOptions, watchStory } from './story.ts';
import {
  type Frame,
  frameLines,
  frameProblems,
  type Loss,
  lossesOf,
  trainingProblems,
  weightsOf,
} from './workloads.ts';

export type RealStoryOptions = Omit<StoryOptions, 'timeoutSeconds' | 'namespace'> & {
  readonly federation: Federation;
  readonly images: SceneImages;
  readonly dir: string;
  readonly say: (text: string) => void;
};

const TIMEOUTS = { jobs: 300, money: 120 } as const;
const FRAMES = 4;
const FRAMES_URI = 's3://gridlease/render';
const TRAINING = { STEPS: '200', CHECKPOINT_EVERY: '50', STEP_MILLISECONDS: '20' } as const;

type Pods = {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string;
      readonly namespace: string;
      readonly labels?: Readonly<Record<string, string>>;
    };
    readonly status?: { readonly phase?: string; readonly podIP?: string };
  }[];
};

/** What the containers have said, as it is printed with --json. */
export type RealResults = {
  readonly losses: readonly Loss[];
  /** Digest of what was trained. */
  readonly weights: string | undefined;
  readonly frames: readonly Frame[];
  /** What the service answered; undefined where it didn't. */
  readonly answer: string | undefined;
};

/**
 * Trains, renders and serves in real containers of the first provider's real nodes, through GPUJobs. What they said
 * and stored is read back and compared with what the same programs compute outside of any container.
 */
export const tellRealStory = async (
  options: RealStoryOptions,
): Promise<StoryEnd & { readonly real?: RealResults }> => {
  const { federation, kubectl, say, signal } = options;
  const { tenant, providers } = federation.environment;
  const { name: providerName, kubeconfig } = providers[0]!;
  const provider = kubectlFor(federation.assets.kubectl, kubeconfig, signal);
  const store = federation.store!;
  const story = { ...options, namespace: tenant.namespace, timeoutSeconds: TIMEOUTS };
  const apply = (job: JobName, changes: Partial<JobChanges> = {}) =>
    applyJob(options, store, providerName, job, changes);

  await apply('train', { checkpointURI: 's3://gridlease/train', env: TRAINING });
  await apply('render', { outputURI: FRAMES_URI });
  const began = performance.now();
  const worked = await watchStory(story);
  if (worked.failures.length > 0) return worked;

  const log = await logsOf(provider, worked.jobs, 'train');
  const losses = lossesOf(log);
  say(`\ntraining said, in its container:`);
  for (const { step, loss } of losses) say(`  step ${String(step).padStart(4)}  loss ${loss}`);
  const frames = frameLines(await logsOf(provider, worked.jobs, 'render'));
  const problems = [
    ...trainingProblems(log, await outside('train', TRAINING, signal)),
    ...(await framesOf(frames, join(options.dir, 'frames'), signal)),
    ...(await storedProblems(store, frames)),
  ];
  say('frames, by the checksums that their containers gave and that the store’s files have:');
  for (const { index, sha256, bytes } of frames) say(`  ${index}  ${sha256}  ${bytes} bytes`);

  const modelURI = 's3://gridlease/train/model-0.json';
  const model = await readObject(store, modelURI);
  if (model === undefined) problems.push(`train: ${modelURI} is not in the store`);
  await apply('inference', { env: { MODEL_URI: modelURI } });
  const answer = await askService(options, provider);
  const weights = weightsOf(log);
  if (weights === undefined || !answer?.includes(weights)) {
    problems.push(`inference: it serves other weights than ${weights}, those of the training`);
  }
  await kubectl('delete', 'gpujob/inference', '-n', tenant.namespace, '--timeout=90s');
  const end = await watchStory(story);
  const real = { losses, weights, frames, answer };
  const settled = (performance.now() - began) / 1000;
  const seconds = { succeeded: worked.seconds.succeeded, settled };
  return { ...end, seconds, failures: [...end.failures, ...problems], real };
};

const applyJob = async (
  { kubectl, images, dir, federation }: RealStoryOptions,
  store: S3Store,
  providerName: string,
  job: JobName,
  changes: Partial<JobChanges>,
): Promise<void> => {
  const { namespace, paymentAccount } = federation.environment.tenant;
  const { spec, ...further } = changes;
  const manifest = gpuJobFor(job, {
    reference: images[job],
    namespace,
    accountName: paymentAccount,
    store,
    ...further,
    spec: { placement: { providers: { allow: [providerName] } }, ...spec },
  });
  mkdirSync(join(dir, 'jobs'), { recursive: true });
  const file = join(dir, 'jobs', `${job}.json`);
  writeFileSync(file, JSON.stringify(manifest, null, 2));
  await kubectl('apply', '-f', file);
};

/** The logs of all pods of a job, read through the provider's API server from the kubelet. */
const logsOf = async (provider: Kubectl, jobs: readonly Job[], name: string): Promise<string> => {
  const uid = jobs.find((job) => job.metadata.name === name)?.metadata.uid;
  const pods = await getJson<Pods>(provider, 'pods', '-A', '-l', `gridlease.dev/job-uid=${uid}`);
  const logs = pods.items.map(({ metadata }) =>
    provider('logs', metadata.name, '-n', metadata.namespace, '--all-containers'),
  );
  return (await Promise.all(logs)).join('');
};

/** What the same program says on this machine, outside of any container. */
const outside = async (
  job: JobName,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> => {
  const main = join(ROOT, 'examples/real', job, 'main.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [main], { env, signal });
  return stdout;
};

const framesOf = async (
  frames: readonly Frame[],
  folder: string,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const expected: Frame[] = [];
  for (let index = 0; index < FRAMES; index++) {
    const env = {
      JOB_COMPLETION_INDEX: String(index),
      GRIDLEASE_COMPLETIONS: String(FRAMES),
      OUTPUT_DIR: folder,
    };
    expected.push(...frameLines(await outside('render', env, signal)));
  }
  return frameProblems(frames, expected);
};

/** The files that the uploader put into the store, against what the containers said of them. */
const storedProblems = async (
  store: S3Store,
  frames: readonly Frame[],
): Promise<readonly string[]> => {
  const problems = frames.map(async ({ index, sha256 }) => {
    const uri = `${FRAMES_URI}/frame-${index}.png`;
    const file = await readObject(store, uri);
    const has = file && createHash('sha256').update(file).digest('hex');
    return has === sha256 ? [] : [`render: ${uri} has ${has ?? 'no file'}, not ${sha256}`];
  });
  return (await Promise.all(problems)).flat();
};

/** Undefined while nobody answers: a pod that was just replaced, or is slow, is asked again. */
const predict = async (address: string, signal: AbortSignal): Promise<Response | undefined> => {
  const points = [
    [0.2, 0.1],
    [-0.6, 0.4],
  ];
  try {
    return await fetch(`http://${address}:8000/predict`, {
      method: 'POST',
      body: JSON.stringify({ points }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
    });
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
};

/** Asks the service where its pod is, once it serves; undefined, and why is said, when it doesn't. */
const askService = async (
  { kubectl, federation, say, show, signal }: RealStoryOptions,
  provider: Kubectl,
): Promise<string | undefined> => {
  const { namespace } = federation.environment.tenant;
  const deadline = performance.now() + TIMEOUTS.jobs * 1000;
  for (;;) {
    const job = await getJson<Job>(kubectl, 'gpujob/inference', '-n', namespace);
    const state = condition(job, 'Succeeded');
    if (state?.reason === 'Serving') {
      const response = await predict(await addressOf(provider, job), signal);
      if (response !== undefined) {
        const text = (await response.text()).trim();
        say(`\nthe service answers ${response.status}: ${text}`);
        return response.ok ? text : undefined;
      }
    }
    if (performance.now() > deadline) {
      say(`inference does not serve: ${state?.reason}: ${state?.message}`);
      return undefined;
    }
    show(`inference: ${state?.reason ?? 'New'}`);
    await sleep(500, undefined, { signal });
  }
};

const addressOf = async (provider: Kubectl, job: Job): Promise<string> => {
  const selector = `gridlease.dev/job-uid=${job.metadata.uid}`;
  const pods = await getJson<Pods>(provider, 'pods', '-A', '-l', selector);
  const running = pods.items.filter(({ status }) => status?.phase === 'Running');
  return running.find(({ status }) => status?.podIP)?.status?.podIP ?? 'nowhere';
};

import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureAssets } from './assets.ts';
import {
  DEFAULT_PROVIDERS,
  MAX_REAL_NODES,
  providersFor,
  withRealNodes,
} from './defaultProviders.ts';
import { environmentPath } from './environment.ts';
import { startFederation } from './federation.ts';
import {
  discardFailed,
  endedPrograms,
  folderState,
  removeFederation,
  withFolder,
} from './folder.ts';
import { ensureHelm } from './helmAsset.ts';
import { interruptSignal } from './interrupt.ts';
import { federationFolder } from './paths.ts';
import { startEnded } from './processes.ts';
import { type Progress, terminalProgress } from './progress.ts';
import { prepareRealNodes } from './realNode/prepare.ts';
import { runMain } from './runMain.ts';
import { statusScreen } from './statusScreen.ts';

const replicas = (text: string, option: string): number => {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 5) return count;
  throw new Error(`--${option} is a number from 1 to 5, not "${text}"`);
};

const oneOf = <Word extends string>(text: string, words: readonly Word[], option: string): Word => {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new Error(`--${option} is ${words.join(' or ')}, not "${text}"`);
  return word;
};

/** The number that was asked for, or 0 where no container can run here: the federation goes on with simulated nodes. */
const possibleRealNodes = async (
  count: number,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> => {
  if (count === 0) return 0;
  const support = await prepareRealNodes({ progress, signal });
  if (support.supported) return count;
  progress.line(`No real node can run here, so all nodes are simulated: ${support.reason}`);
  return 0;
};

/** Programs of Gridlease's own that have ended; what is below them can't come back one by one. */
const startAgain = (dir: string, progress: Progress): void => {
  const ended = endedPrograms(dir);
  const lost = ended.filter(({ layer }) => layer < 3).map(({ name }) => name);
  if (lost.length > 0) {
    throw new Error(
      `the federation in ${dir} is up without ${lost.join(', ')}; ` +
        'npm run down ends the rest and removes its data, then start it again',
    );
  }
  for (const program of ended) {
    startEnded(dir, program);
    progress.line(`${program.name} had ended and was started again.`);
  }
};

/** What `up` is told. Throws for what it doesn't know, before anything is built or started. */
const readOptions = () => {
  const { values } = parseArgs({
    options: {
      providers: { type: 'string', default: String(DEFAULT_PROVIDERS.length) },
      operators: { type: 'string', default: '1' },
      'agent-replicas': { type: 'string', default: '1' },
      dir: { type: 'string', default: federationFolder() },
      components: { type: 'string', default: 'all' },
      'real-nodes': { type: 'string', default: '0' },
      'hub-real-nodes': { type: 'string', default: '0' },
      programs: { type: 'string', default: 'processes' },
    },
  });
  const dir = resolve(values.dir);
  const providers = providersFor(Number(values.providers));
  const operators = replicas(values.operators, 'operators');
  const agentReplicas = replicas(values['agent-replicas'], 'agent-replicas');
  const components = oneOf(values.components, ['all', 'clusters'], 'components');
  const programs = oneOf(values.programs, ['processes', 'none'], 'programs');
  const wantedRealNodes = Number(values['real-nodes']);
  const hubRealNodes = Number(values['hub-real-nodes']);
  withRealNodes(providers, wantedRealNodes);
  const hubRealNodesAtMost = wantedRealNodes > 0 ? MAX_REAL_NODES : 0;
  if (!Number.isInteger(hubRealNodes) || hubRealNodes < 0 || hubRealNodes > hubRealNodesAtMost) {
    throw new Error(`--hub-real-nodes is 0 to ${MAX_REAL_NODES}, and needs --real-nodes 1 or more`);
  }
  return {
    dir,
    providers,
    operators,
    agentReplicas,
    components,
    programs,
    wantedRealNodes,
    hubRealNodes,
  };
};

/**
 * `npm run up -- [--providers N] [--operators N] [--agent-replicas N] [--dir FOLDER]
 * [--components clusters|all] [--real-nodes N] [--hub-real-nodes N] [--programs processes|none]`: leaves a federation
 * running. With `--programs none` there is nothing of Gridlease in it but the chain's contracts: Helm installs the rest.
 */
const main = async (): Promise<void> => {
  const { dir, providers, wantedRealNodes, hubRealNodes, programs, ...rest } = readOptions();
  const progress = terminalProgress();
  await withFolder(dir, async () => {
    const state = folderState(dir);
    if (state === 'up') {
      progress.line(
        `It is already up, with the options of its start: ${environmentPath(dir)} (npm run down ends it).`,
      );
      return;
    }
    if (state === 'partial') {
      startAgain(dir, progress);
      process.stdout.write(`${await statusScreen(dir)}\n`);
      return;
    }
    if (state === 'foreign') throw new Error(`${dir} is not empty and holds no federation`);
    if (state === 'broken') {
      progress.line(`Clearing what is left in ${dir} of a federation that did not end properly.`);
      await removeFederation(dir);
    }
    const signal = interruptSignal();
    await ensureAssets({ progress, signal });
    const realNodes = await possibleRealNodes(wantedRealNodes, progress, signal);
    if (programs === 'none') await ensureHelm({ progress, signal });
    const done = progress.step(`Starting a hub, ${providers.length} providers and a chain`);
    try {
      await startFederation({
        ...{ ...rest, providers, dir, programs, progress, signal, realNodes },
        hubRealNodes: realNodes > 0 ? hubRealNodes : 0,
        outlivesStarter: true,
      });
    } catch (error) {
      await discardFailed(dir, { keepLogs: !signal.aborted });
      if (!signal.aborted) progress.line(`It did not start; the logs are in ${join(dir, 'logs')}.`);
      throw error;
    } finally {
      done();
    }
    process.stdout.write(`${await statusScreen(dir)}\n`);
  });
};

await runMain(main);

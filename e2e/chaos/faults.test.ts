import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Manifest } from '../cluster/apiClient.ts';
import { TENANT } from '../cluster/hub.ts';
import { waitFor } from '../cluster/waitFor.ts';
import { condition, type Job } from '../demo/receipts.ts';
import type { FaultProxy } from './faultProxy.ts';
import type { FaultType } from './faultRules.ts';
import { type FaultyFederation, startFaultyFederation } from './faultyFederation.ts';
import { jobPath } from './jobs.ts';
import { judge } from './judge.ts';
import { isOver, type Outcome, outcomeProblems, readOutcome } from './outcome.ts';
import { type FaultRates, randomFaults } from './randomFaults.ts';

/** One kind of fault, for as long as one job needs. */
type Plague = {
  readonly name: string;
  readonly fault: FaultType;
  /** How often it strikes the operator and the agent, at both API servers. */
  readonly rates: FaultRates;
  /** Done once at its beginning. */
  readonly strike?: (proxy: FaultProxy) => void;
};

const plagues: readonly Plague[] = [
  {
    name: 'requests are lost on the way',
    fault: 'dropBeforeSend',
    rates: { dropBeforeSend: 0.25 },
  },
  {
    name: 'requests happen and their answers are lost',
    fault: 'dropAfterCommit',
    rates: { dropAfterCommit: 0.25 },
  },
  { name: 'requests are slow', fault: 'delay', rates: { delay: 0.5 } },
  { name: 'writes meet other writers', fault: 'answer', rates: { conflict: 0.3 } },
  { name: 'requests are put off', fault: 'answer', rates: { tooManyRequests: 0.2 } },
  { name: 'the server fails', fault: 'answer', rates: { internalError: 0.25 } },
  { name: 'connections are reset', fault: 'reset', rates: { reset: 0.25 } },
  { name: 'watches leave events out', fault: 'dropEvent', rates: { dropEvent: 0.25 } },
  { name: 'watches are closed', fault: 'closeWatch', rates: { closeWatch: 0.25 } },
  { name: 'positions are too old', fault: 'expireWatch', rates: { expireWatch: 0.15 } },
  { name: 'watches fall silent', fault: 'freezeWatch', rates: { freezeWatch: 0.1 } },
  {
    name: 'lists are old',
    fault: 'staleList',
    rates: { staleList: 0.5 },
    strike: (proxy) => void proxy.endWatches('expire'),
  },
];

const seed = 4;

const aJob = (name: string): Manifest => ({
  apiVersion: 'gridlease.dev/v1alpha1',
  kind: 'GPUJob',
  metadata: { name, namespace: TENANT.namespace },
  spec: {
    batch: { completions: 3, parallelism: 3 },
    workload: {
      image: `registry.example/tool@sha256:${'ab'.repeat(32)}`,
      command: ['sh', '-c', 'sleep 1'],
    },
    gpu: { count: 1, products: ['L40S'] },
    budget: { accountName: TENANT.paymentAccount },
    runtime: { maxDurationSeconds: 600 },
  },
});

const jobs = plagues.map((_, index) => aJob(`plague-${index}`));
const minutes = (count: number) => count * 60_000;
const stopping = new AbortController();
let world: FaultyFederation;

beforeAll(async () => {
  world = await startFaultyFederation(stopping.signal);
  for (const proxy of world.proxies) proxy.record();
}, minutes(4));

afterAll(async () => {
  stopping.abort();
  await world?.[Symbol.asyncDispose]();
}, minutes(1));

const injected = (type: FaultType): number =>
  world.proxies.reduce((sum, proxy) => sum + proxy.injected(type), 0);

test.each(plagues)(
  'a job ends right while $name',
  async (plague) => {
    const { federation, proxies } = world;
    const job = jobs[plagues.indexOf(plague)]!;
    const before = injected(plague.fault);
    for (const proxy of proxies) {
      const match = { userAgent: 'gridlease-' };
      proxy.inject(randomFaults({ seed, rates: plague.rates, match, longestDelayMs: 700 }));
      plague.strike?.(proxy);
    }
    await federation.hub.client.apply(job);
    let seen: Job | undefined;
    await waitFor(
      async () => {
        seen = await federation.hub.client.get<Job>(jobPath(job));
        const hasEnded = condition(seen, 'Succeeded')?.status === 'True';
        return hasEnded && injected(plague.fault) > before;
      },
      { what: `the end of ${job.metadata.name}`, timeoutMilliseconds: minutes(4) },
    ).catch((cause: unknown) => {
      throw new Error(`${job.metadata.name} has ${JSON.stringify(seen?.status)}`, { cause });
    });
  },
  minutes(5),
);

test(
  'nothing was made, run or paid twice, and no program had to be started again',
  async () => {
    for (const proxy of world.proxies) proxy.heal();
    let outcome: Outcome = { jobs: [], leases: [] };
    await waitFor(
      async () => {
        outcome = await readOutcome(world.federation, jobs);
        return isOver(outcome);
      },
      { what: 'all leases paid', timeoutMilliseconds: minutes(4) },
    ).catch((cause: unknown) => {
      throw new Error(outcomeProblems(outcome).join('\n'), { cause });
    });
    const { problems } = await judge(world, outcome, new Map());
    expect([...outcomeProblems(outcome), ...problems]).toEqual([]);
    // One lease for each job, which is three attempts: one pod each, as the audit logs tell.
    const uids = outcome.jobs.map(({ metadata }) => metadata.uid);
    expect(outcome.leases.map(({ spec }) => spec.jobRef.uid).sort()).toEqual([...uids].sort());
    expect(world.audit.attempts.countOf(uids)).toBe(3 * jobs.length);
    expect(world.federation.processes.deserters()).toEqual([]);
  },
  minutes(6),
);

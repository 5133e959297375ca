import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Manifest } from '../cluster/apiClient.ts';
import { TENANT } from '../cluster/hub.ts';
import type { Program } from '../cluster/program.ts';
import { GiveUpError, waitFor } from '../cluster/waitFor.ts';
import { condition, type Job } from '../demo/receipts.ts';
import { jobPath } from './jobs.ts';
import { judge, type PaidBefore } from './judge.ts';
import { isOver, type Outcome, outcomeProblems, readOutcome } from './outcome.ts';
import {
  leads,
  type ReplicatedFederation,
  startReplicatedFederation,
  untilOneLeads,
} from './replicatedFederation.ts';
import { watchSigned } from './signedHistory.ts';

/** 12 for the Lease to run out, one until that is noticed; the rest is for a busy machine. */
const longestTakeoverSeconds = 30;
const minutes = (count: number) => count * 60_000;
const stopping = new AbortController();
let world: ReplicatedFederation;
let paid: PaidBefore = new Map();

beforeAll(async () => {
  world = await startReplicatedFederation(stopping.signal);
}, minutes(4));

afterAll(async () => {
  stopping.abort();
  await world?.[Symbol.asyncDispose]();
}, minutes(1));

const aJob = (name: string, completions: number, seconds: number): Manifest => ({
  apiVersion: 'gridlease.dev/v1alpha1',
  kind: 'GPUJob',
  metadata: { name, namespace: TENANT.namespace },
  spec: {
    batch: { completions, parallelism: completions },
    workload: {
      image: `registry.example/tool@sha256:${'ab'.repeat(32)}`,
      command: ['sh', '-c', `sleep ${seconds}`],
    },
    gpu: { count: 1, products: ['L40S'] },
    budget: { accountName: TENANT.paymentAccount },
    runtime: { maxDurationSeconds: 600 },
  },
});

const apply = async (...jobs: readonly Manifest[]): Promise<void> => {
  for (const job of jobs) await world.federation.hub.client.apply(job);
};

const untilRunning = (job: Manifest) =>
  waitFor(
    async () => {
      const seen = await world.federation.hub.client.get<Job>(jobPath(job));
      return condition(seen, 'Succeeded')?.reason === 'Running';
    },
    { what: `${job.metadata.name} runs`, timeoutMilliseconds: minutes(1) },
  );

/** Every job succeeded, once, and was paid for to the millisecond. */
const expectAllWell = async (...jobs: readonly Manifest[]): Promise<void> => {
  let outcome: Outcome = { jobs: [], leases: [] };
  await waitFor(
    async () => {
      outcome = await readOutcome(world.federation, jobs);
      return isOver(outcome);
    },
    { what: 'all leases paid', timeoutMilliseconds: minutes(2) },
  ).catch((cause: unknown) => {
    throw new Error([...outcomeProblems(outcome), world.lastWords()].join('\n'), { cause });
  });
  const judgement = await judge(world, outcome, paid);
  paid = judgement.paid;
  expect([...outcomeProblems(outcome), ...judgement.problems]).toEqual([]);
  const uids = outcome.jobs.map(({ metadata }) => metadata.uid);
  expect(outcome.leases.map(({ spec }) => spec.jobRef.uid).sort()).toEqual([...uids].sort());
};

const followerOf = (programs: readonly Program[], leader: Program): Program =>
  programs.find((program) => program !== leader)!;

test(
  'of two replicas one leads; the others are ready',
  async () => {
    for (const replicas of [world.operators, world.agents]) {
      await untilOneLeads(replicas);
      await waitFor(
        async () => {
          const leading = (await Promise.all(replicas.map(leads))).filter(Boolean).length;
          // A leader that doesn't answer in time is asked again; two are a fault.
          if (leading > 1) throw new GiveUpError(new Error(`${leading} replicas lead`));
          return leading === 1;
        },
        { what: 'one alone leads' },
      );
      for (const { metricsURL, process } of replicas) {
        await waitFor(
          async () => {
            const ready = await fetch(metricsURL.replace('/metrics', '/readyz'));
            // The text says which check fails.
            const answer = `${process.name}: ${ready.status} ${await ready.text()}`;
            if (!ready.ok) throw new Error(answer);
            return true;
          },
          { what: `${process.name} is ready` },
        );
      }
    }
  },
  minutes(2),
);

test(
  'leaders that are killed in the middle of a job are followed within seconds, and the job ends right',
  async () => {
    const job = aJob('killed-leaders', 4, 20);
    await apply(job);
    await untilRunning(job);
    const taken = [world.operators, world.agents].map(async (replicas) => {
      const { leader } = await untilOneLeads(replicas);
      await world.federation.processes.kill(leader.process.name);
      try {
        return await untilOneLeads([followerOf(replicas, leader)]);
      } finally {
        world.federation.processes.startAgain(leader.process.name);
      }
    });
    const times = await Promise.all(taken);
    const told = times.map(({ seconds }) => seconds.toFixed(1)).join(', ');
    process.stderr.write(`taken over after ${told} s\n`);
    await expectAllWell(job);
    for (const { seconds } of times) expect(seconds).toBeLessThanOrEqual(longestTakeoverSeconds);
  },
  minutes(4),
);

test(
  'leaders that are asked to end are followed at once',
  async () => {
    for (const replicas of [world.operators, world.agents]) {
      const { leader } = await untilOneLeads(replicas);
      const follower = followerOf(replicas, leader);
      await waitFor(async () => (await fetch(follower.metricsURL)).ok, { what: 'it is there' });
      world.federation.processes.signal(leader.process.name, 'SIGTERM');
      const { seconds } = await untilOneLeads([follower]);
      process.stderr.write(`handed over after ${seconds.toFixed(1)} s\n`);
      await world.federation.processes.kill(leader.process.name);
      world.federation.processes.startAgain(leader.process.name);
      // It was given back: after a renewal that is three seconds old a Lease runs out in nine.
      expect(seconds).toBeLessThanOrEqual(8.5);
    }
  },
  minutes(2),
);

test(
  "while the hub's API server stands still nobody leads, and then somebody does, by itself",
  async () => {
    const { processes } = world.federation;
    processes.signal('hub-apiserver', 'SIGSTOP');
    try {
      await waitFor(async () => !(await Promise.all(world.operators.map(leads))).some(Boolean), {
        what: 'no operator leads',
      });
    } finally {
      processes.signal('hub-apiserver', 'SIGCONT');
    }
    await untilOneLeads(world.operators);
    const job = aJob('after-the-pause', 2, 1);
    await apply(job);
    await expectAllWell(job);
    expect(processes.deserters()).toEqual([]);
  },
  minutes(4),
);

test(
  'even when all of them lead at once nothing is placed, run, signed or paid twice',
  async () => {
    await world.letAllLead();
    const [alpha] = world.federation.environment.providers;
    const { hub } = world.federation.environment;
    await using signed = await watchSigned(hub.kubeconfig, alpha!.kubeconfig);
    const jobs = Array.from({ length: 6 }, (_, n) => aJob(`both-${n}`, 2, 3 + n));
    await apply(...jobs);
    await expectAllWell(...jobs);
    expect(signed.problems()).toEqual([]);
    expect(signed.statements).toBeGreaterThan(0);
    expect(signed.vouchers).toBeGreaterThan(0);
    // All of them were at it all the time.
    expect(await Promise.all([...world.operators, ...world.agents].map(leads))).toEqual(
      Array(4).fill(true),
    );
  },
  minutes(5),
);

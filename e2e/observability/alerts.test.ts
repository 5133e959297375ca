import { runbookOf } from '@gridlease/charts/alerts/alert';
import { ALERT_NAMES } from '@gridlease/charts/alerts/groups';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freeze, thaw } from '../chaos/providerGroup.ts';
import type { Manifest } from '../cluster/apiClient.ts';
import { silentProgress } from '../cluster/progress.ts';
import { ensurePrometheus, prometheusObstacle } from '../cluster/prometheusAsset.ts';
import { waitFor } from '../cluster/waitFor.ts';
import { runPage } from '../docs/runPage.ts';
import { root } from '../gates/step.ts';
import { type AlertScene, figureNow, startAlertScene } from './alertScene.ts';
import { onCall } from './onCall.ts';
import { standInDeployments } from './standIns.ts';
import { aJob, foundTeam, jobState, setCoins, type Team, TOKEN_UNIT } from './team.ts';
import { withdrawFree } from './withdrawFree.ts';

const obstacle = prometheusObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: ${obstacle}\n`);

const minutes = (count: number) => count * 60_000;

(obstacle === undefined ? describe : describe.skip)('somebody who sees alerts only', () => {
  let scene: AlertScene;
  let person: ReturnType<typeof onCall>;
  let team: Team;
  let gasAddress: string;

  beforeAll(async () => {
    scene = await startAlertScene(await ensurePrometheus({ progress: silentProgress }));
    person = onCall(scene.receiver);
    gasAddress = scene.federation.accounts.provider(2).gas.address;
    team = await foundTeam(scene.federation, scene.dir, {
      wallet: 100n * TOKEN_UNIT,
      deposit: 150_000n,
    });
  }, minutes(5));

  afterAll(async () => {
    await scene?.[Symbol.asyncDispose]();
  }, minutes(1));

  /** Types a page's commands into a shell; `provider` where kubectl has to speak to its cluster. */
  const follow = (
    alert: string,
    variables: Readonly<Record<string, string>> = {},
    provider?: string,
  ) => {
    const { environment } = scene.federation;
    const kubeconfig = environment.providers.find(({ name }) => name === provider)?.kubeconfig;
    return runPage({
      path: `docs/runbooks/${runbookOf(alert)}`,
      cwd: root,
      env: {
        ...scene.shell,
        ...(kubeconfig && { KUBECONFIG: kubeconfig }),
        ...{ NAMESPACE: team.namespace, ACCOUNT: team.account, AMOUNT: '50' },
        ...{ PROVIDER: 'bravo', GAS_ADDRESS: gasAddress },
        ...variables,
      },
      timeoutSeconds: 150,
    });
  };

  const untilCompleted = (job: Manifest) =>
    waitFor(
      async () => {
        const state = await jobState(scene.federation, job);
        if (state === 'Completed') return true;
        throw new Error(`it is ${state}`);
      },
      { what: `the end of ${job.metadata.name}`, timeoutMilliseconds: 90_000 },
    );

  test(
    'hears of nothing while nothing is wrong',
    async () => {
      await waitFor(
        async () => {
          const rules = await scene.prometheus.rules();
          const bad = rules.filter(({ health }) => health === 'err');
          if (bad.length > 0)
            throw new Error(bad.map((r) => `${r.name}: ${r.lastError}`).join('\n'));
          const looks = await figureNow(scene, 'min(count_over_time(gridlease_provider_up[1m]))');
          return rules.length > 0 && looks >= 10;
        },
        { what: 'ten looks at the metrics', timeoutMilliseconds: 60_000 },
      );
      // A machine that stands still for as long as a provider may be silent is told of, and rightly.
      let beganMs = Date.now();
      await waitFor(
        () => {
          // A start has a few errors, and shares of little are large.
          const heard = person.hears(beganMs).filter((name) => !name.endsWith('Burn'));
          if (heard.length > 0) {
            beganMs = Date.now();
            throw new Error(heard.join(', '));
          }
          return Date.now() - beganMs >= 10_000;
        },
        { what: 'ten seconds without an alert', timeoutMilliseconds: 50_000 },
      );
    },
    minutes(3),
  );

  // First, for it takes longest until it is told of.
  test(
    'a provider without gas: the job ends, and nothing is claimed',
    async () => {
      await setCoins(scene.federation, gasAddress, 0n);
      const { tenant } = scene.federation.environment;
      const job = aJob(
        { namespace: tenant.namespace, account: tenant.paymentAccount },
        'unclaimed',
        {
          ...{ product: 'H100', gpus: 1, seconds: 4, most: 60 },
        },
      );
      await scene.federation.hub.client.apply(job);
      await untilCompleted(job);
      await person.fires({ alert: 'GridleaseGasBalanceLow', labels: { cluster: 'charlie' } });
    },
    minutes(5),
  );

  test(
    'an escrow that runs low is told of while there is time, and paid into',
    async () => {
      // 3.20 an hour: the deposit covers just what the job may cost, and nobody is called for that.
      const job = aJob(team, 'long', { product: 'L40S', gpus: 4, seconds: 150, most: 160 });
      await scene.federation.hub.client.apply(job);
      const runway = () =>
        figureNow(scene, `gridlease_escrow_runway_seconds{namespace="${team.namespace}"}`);
      await waitFor(async () => (await runway()) > 3_600, {
        what: 'a lease that is covered to its end',
        timeoutMilliseconds: 60_000,
      });
      // The rest lasts for a minute.
      await withdrawFree(scene.federation, team, 100_000n);
      const labels = { namespace: team.namespace, account: team.account };
      const low = { alert: 'GridleaseEscrowRunwayLow', labels };
      await person.fires({ ...low, labels: { ...labels, severity: 'critical' } });
      const { annotations } = await person.fires({
        ...low,
        labels: { ...labels, severity: 'warning' },
      });
      expect(annotations).toMatchObject({
        summary: `The escrow of ${team.namespace}/${team.account} runs out`,
        runbook_url: 'gridleaseescrowrunwaylow.md',
      });
      expect(annotations['description']).toMatch(/for (1m )?\d+s only/);
      await follow(low.alert, { KEY_FILE: team.keyFile });
      await person.resolves({ ...low, labels: { ...labels, severity: 'critical' } });
      await person.resolves({ ...low, labels: { ...labels, severity: 'warning' } });
      // By the money that was paid in, not because the job has ended.
      await waitFor(async () => (await runway()) > 3_600, {
        what: 'a runway by what was paid in',
        timeoutMilliseconds: 10_000,
      });
    },
    minutes(5),
  );

  test(
    'a provider that is cut off is told of by name',
    async () => {
      const down = { alert: 'GridleaseProviderDown', labels: { provider: 'bravo' } };
      freeze(scene.federation, 'bravo');
      try {
        await person.fires(down);
        const ran = await follow(down.alert);
        expect(ran.map(({ output }) => output).join('\n')).toMatch(/bravo +Unreachable/);
      } finally {
        thaw(scene.federation, 'bravo');
      }
      await person.resolves(down);
    },
    minutes(5),
  );

  test(
    'a hub whose RPC lags is given another by what the page says',
    async () => {
      const stale = {
        alert: 'GridleaseChainHeadStale',
        labels: { severity: 'warning', chain: 'local' },
      };
      scene.hubRPC.freeze();
      await person.fires(stale);
      await follow(stale.alert);
      await person.resolves(stale);
      // Not only seen again: what is sent goes the new way, here the funding of a channel that was never used.
      const job = aJob(team, 'after', { product: 'A100', gpus: 1, seconds: 2, most: 60 });
      await scene.federation.hub.client.apply(job);
      await untilCompleted(job);
    },
    minutes(5),
  );

  test(
    'settlement that stalls is mended by coin for the provider, as the page says',
    async () => {
      const stalled = { alert: 'GridleaseSettlementStalled', labels: { severity: 'warning' } };
      await person.fires(stalled, 150);
      await follow(stalled.alert);
      await person.resolves(stalled);
      await person.resolves({ alert: 'GridleaseGasBalanceLow', labels: { cluster: 'charlie' } });
    },
    minutes(4),
  );

  test(
    'when most providers fall silent together it is told that nothing is replaced',
    async () => {
      const frozen = { alert: 'GridleaseReplacementFrozen' };
      const names = scene.federation.providers.map(({ name }) => name);
      for (const name of names) freeze(scene.federation, name);
      try {
        await person.fires(frozen);
        await follow(frozen.alert);
      } finally {
        for (const name of names) thaw(scene.federation, name);
      }
      await person.resolves(frozen);
    },
    minutes(3),
  );

  const atProvider = new Set(
    ['HubUnreachable', 'AgentChainStale', 'FencePodsLeft', 'GPUsUnhealthy', 'RowsRefused']
      .concat(['EarningsUnredeemed', 'GasBalanceLow'])
      .map((name) => `Gridlease${name}`),
  );

  let pageEndedMs = 0;

  test.each(ALERT_NAMES)(
    'the page of %s can be followed word by word',
    async (alert) => {
      const { hub, environment } = scene.federation;
      // kubectl restarts a Deployment once a second, and several pages do it.
      const what = 'a second after the page before';
      await waitFor(() => Date.now() - pageEndedMs > 1_000, { what });
      await standInDeployments(scene.federation);
      const isProvider = atProvider.has(alert);
      const program = isProvider ? 'provider-agent' : 'operator';
      await follow(
        alert,
        {
          PROGRAM: program,
          PROGRAM_NAMESPACE: isProvider ? 'gridlease-agent' : 'gridlease-system',
          HUB_URL: hub.apiServer.server,
          NODE: 'alpha-l40s-0',
          ...(alert === 'GridleaseEscrowRunwayLow' && { KEY_FILE: team.keyFile, AMOUNT: '1' }),
        },
        isProvider ? environment.providers[0]?.name : undefined,
      );
      pageEndedMs = Date.now();
    },
    minutes(3),
  );
});

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { waitFor } from '../cluster/waitFor.ts';
import { aJob } from '../scenarios/verbs.ts';
import { describeWithServices, type NodeScene, theNodeScene } from './nodeScene.ts';
import { openPodSpace, type PodSpace } from './providerPods.ts';

const minutes = (count: number) => count * 60_000;
const PORT = 8_080;

type Slice = {
  readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean } }[];
};

/** Answers with who asked; the port is not the Service's. */
const SERVE = `
  require('http').createServer((request, response) => response.end('seen ' + request.socket.remoteAddress))
    .listen(${PORT}, '0.0.0.0');
  process.on('SIGTERM', () => process.exit(0));
`;

/** Prints {question: answer}, or the code of what went wrong. */
const asks = (questions: Readonly<Record<string, string>>): string => `
  const { lookup } = require('dns').promises;
  const fs = require('fs');
  const account = '/var/run/secrets/kubernetes.io/serviceaccount/';
  const get = async (url) => (await fetch(url, { signal: AbortSignal.timeout(5000) })).text();
  // The rules of a node, and the names, follow a Service that is quite new after a moment.
  const patiently = async (ask) => {
    for (const end = Date.now() + 30000; ; await new Promise((again) => setTimeout(again, 200))) {
      try {
        return await ask();
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  };
  const reach = (url) => patiently(() => get(url));
  const addressOf = (name) => patiently(async () => (await lookup(name)).address);
  const api = (path, body) => new Promise((resolve, reject) => {
    const request = require('https').request('https://kubernetes.default.svc' + path, {
      method: body ? 'POST' : 'GET',
      ca: fs.readFileSync(account + 'ca.crt'),
      headers: {
        authorization: 'Bearer ' + fs.readFileSync(account + 'token', 'utf8'),
        'content-type': 'application/json',
      },
    }, async (response) => {
      let text = '';
      for await (const part of response) text += part;
      resolve({ status: response.statusCode, ...JSON.parse(text) });
    });
    request.on('error', reject);
    request.end(body && JSON.stringify(body));
  });
  const questions = { ${Object.entries(questions)
    .map(([name, code]) => `${JSON.stringify(name)}: async () => ${code}`)
    .join(', ')} };
  (async () => {
    const answers = {};
    for (const [name, ask] of Object.entries(questions)) {
      answers[name] = await ask().catch((error) => error.cause?.code ?? error.code ?? String(error));
    }
    console.log(JSON.stringify(answers));
  })();
`;

describeWithServices('Services of real nodes', () => {
  let world: NodeScene;
  let space: PodSpace;
  let web: string;

  const ask = async (name: string, questions: Readonly<Record<string, string>>, rest = {}) => {
    await space.start({ name, script: asks(questions), ...rest });
    return JSON.parse(await space.output(name)) as Readonly<Record<string, unknown>>;
  };

  beforeAll(async () => {
    world = await theNodeScene();
    const name = `services-${randomBytes(3).toString('hex')}`;
    space = await openPodSpace(world.cluster, name, world.images.train);
    const service = (metadata: { name: string }, spec: object) =>
      space.apply({ apiVersion: 'v1', kind: 'Service', metadata, ...{ spec } });
    const selector = { app: 'web' };
    await service({ name: 'web' }, { selector, ports: [{ port: 80, targetPort: PORT }] });
    await service({ name: 'each' }, { selector, clusterIP: 'None', ports: [{ port: PORT }] });
    await service({ name: 'nobody' }, { selector: { app: 'none' }, ports: [{ port: 80 }] });
    await space.start({ name: 'web', script: SERVE, labels: selector, port: PORT });
    web = await space.address('web');
    for (const has of ['web', 'each']) {
      await world.scene.waitUntil(`the Service ${has} to have its pod`, async () => {
        const path = `/apis/discovery.k8s.io/v1/namespaces/${name}/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D${has}`;
        const { items } = await world.cluster.get<{ items: readonly Slice[] }>(path);
        return items.some(({ endpoints }) => endpoints?.some((one) => one.conditions?.ready));
      });
    }
  }, minutes(3));
  afterAll(async () => {
    await world.cluster.request('DELETE', `/api/v1/namespaces/${space.name}`);
    world.cluster.close();
  });

  test(
    'a pod finds a Service by its name and reaches the pod behind it, which sees who asks',
    async () => {
      const { spec } = await world.cluster.get<{ spec: { clusterIP: string } }>(
        `/api/v1/namespaces/${space.name}/services/web`,
      );
      const long = `web.${space.name}.svc.cluster.local`;
      const answers = await ask('finds', {
        address: `addressOf('web')`,
        long: `addressOf('${long}')`,
        each: `addressOf('each')`,
        page: `reach('http://web/')`,
        itself: `Object.values(require('os').networkInterfaces()).flat().find((one) => !one.internal).address`,
        nobody: `get('http://nobody/')`,
      });
      expect(answers).toMatchObject({
        address: spec.clusterIP,
        long: spec.clusterIP,
        each: web,
        page: `seen ${answers['itself']}`,
        // Refused at once: nobody waits for a Service without pods.
        nobody: 'ECONNREFUSED',
      });
    },
    minutes(3),
  );

  test(
    'beyond the cluster and this machine there are no names and no addresses, and a pod is told so at once',
    async () => {
      const answers = await ask('beyond', {
        name: `lookup('registry.example')`,
        address: `get('http://192.0.2.1/')`,
        otherFederation: `get('http://10.213.251.1/')`,
      });
      expect(answers).toEqual({
        name: 'ENOTFOUND',
        address: 'EHOSTUNREACH',
        otherFederation: 'EHOSTUNREACH',
      });
    },
    minutes(3),
  );

  test(
    'a pod reaches its own API server under its usual name, as its account and with its rights',
    async () => {
      const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
      const answers = await ask(
        'api',
        {
          whoAmI: `api('/apis/authentication.k8s.io/v1/selfsubjectreviews', ${JSON.stringify(review)})`,
          secrets: `api('/api/v1/secrets')`,
        },
        { hasAccount: true },
      );
      expect(answers).toMatchObject({
        whoAmI: {
          status: { userInfo: { username: `system:serviceaccount:${space.name}:default` } },
        },
        secrets: { status: 'Failure', code: 403 },
      });
    },
    minutes(3),
  );

  test(
    'this machine reaches a pod at its address',
    async () => {
      const get = async () =>
        (await fetch(`http://${web}:${PORT}/`, { signal: AbortSignal.timeout(5_000) })).text();
      expect(await waitFor(get, { what: 'the pod' })).toBe(`seen ${world.node.machineAddress}`);
    },
    minutes(1),
  );

  test(
    'a service job is reached by the name of its Service at the provider',
    async () => {
      const { scene, cluster } = world;
      const namespace = await scene.namespace();
      await scene.apply(
        aJob(namespace, 'serve', {
          batch: undefined,
          service: { replicas: 1, ports: [{ name: 'http', port: PORT }] },
          workload: {
            image: world.images.train,
            command: ['node', '-e', SERVE],
            resources: { cpu: '100m', memory: '128Mi' },
          },
          gpu: { count: 1, products: ['H100'] },
          runtime: { maxDurationSeconds: 600 },
        }),
      );
      const { uid } = (await scene.get('gpujob', 'serve', namespace)).metadata;
      try {
        const isReady = async () =>
          Number((await scene.get('gpujob', 'serve', namespace)).status?.['readyReplicas']) === 1;
        await scene.waitUntil('its replica is ready', isReady, 120);
        const path = `/api/v1/services?labelSelector=gridlease.dev%2Fjob-uid%3D${uid}`;
        const { items } = await cluster.get<{
          items: { metadata: { name: string; namespace: string } }[];
        }>(path);
        expect(items).toHaveLength(1);
        const { metadata } = items[0]!;
        const url = `http://${metadata.name}.${metadata.namespace}:${PORT}/`;
        // NetworkPolicies, which would keep this pod out, are not enforced here.
        expect((await ask('tenant', { page: `reach('${url}')` }))['page']).toMatch(/^seen /);
      } finally {
        await scene.hub('delete', 'gpujob', 'serve', '-n', namespace, '--timeout=90s');
      }
    },
    minutes(5),
  );
});

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAsset } from '../cluster/assets.ts';
import { type FederationEnvironment, readEnvironment } from '../cluster/environment.ts';
import { waitFor } from '../cluster/waitFor.ts';
import { getJson, type Kubectl, kubectlFor } from '../demo/kubectl.ts';

export type Condition = {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
};
export type KubernetesObject = {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid: string };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>> & {
    readonly conditions?: readonly Condition[];
  };
};

/** The running federation that the scenarios share, with kubectl as its only way in. */
export type Scene = {
  readonly environment: FederationEnvironment;
  /** The platform team's kubectl. */
  readonly hub: Kubectl;
  /** A provider's own admin. */
  provider(name: string): Kubectl;
  /** `kubectl apply -f -`; rejects with what kubectl printed. */
  apply(manifest: object): Promise<string>;
  /** A namespace of this test alone, with a PaymentAccount of the development tenant. */
  namespace(): Promise<string>;
  get(kind: string, name: string, namespace: string): Promise<KubernetesObject>;
  list(kind: string, namespace?: string): Promise<readonly KubernetesObject[]>;
  /** Waits until the condition satisfies `wanted`; the error shows the conditions it had instead. */
  waitForCondition(
    object: { readonly kind: string; readonly name: string; readonly namespace: string },
    wanted: Partial<Condition>,
    timeoutSeconds?: number,
  ): Promise<Condition>;
  waitUntil(what: string, holds: () => Promise<boolean>, timeoutSeconds?: number): Promise<void>;
};

/** Uses the federation whose folder GRIDLEASE_FEDERATION names: npm test starts one, `npm run up` another. */
export function theScene(): Scene {
  const dir = process.env['GRIDLEASE_FEDERATION'];
  const environment = dir === undefined ? undefined : readEnvironment(dir);
  const binary = findAsset('kubectl');
  if (environment === undefined || binary === undefined) {
    throw new Error(
      'no federation: run npm test, or npm run up and GRIDLEASE_FEDERATION=$PWD/.gridlease',
    );
  }
  const hub = kubectlFor(binary, environment.hub.kubeconfig);
  const get = (kind: string, name: string, namespace: string) =>
    getJson<KubernetesObject>(hub, kind, name, '-n', namespace);
  const apply = (manifest: object) => applyWith(hub, manifest);
  const waitUntil: Scene['waitUntil'] = async (what, holds, timeoutSeconds = 60) => {
    await waitFor(holds, {
      what,
      timeoutMilliseconds: timeoutSeconds * 1_000,
      intervalMilliseconds: 250,
    });
  };
  return {
    environment,
    hub,
    provider: (name) => {
      const found = environment.providers.find((provider) => provider.name === name);
      if (found === undefined) throw new Error(`there is no provider ${name}`);
      return kubectlFor(binary, found.kubeconfig);
    },
    apply,
    get,
    list: async (kind, namespace) => {
      const where = namespace === undefined ? ['-A'] : ['-n', namespace];
      return (await getJson<{ items: KubernetesObject[] }>(hub, kind, ...where)).items;
    },
    namespace: async () => {
      const name = `scene-${randomBytes(3).toString('hex')}`;
      await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      await apply(anAccount(name, environment.tenant.address));
      return name;
    },
    waitForCondition: async ({ kind, name, namespace }, wanted, timeoutSeconds = 60) => {
      let seen: readonly Condition[] = [];
      let found: Condition | undefined;
      const holds = async () => {
        seen = (await get(kind, name, namespace)).status?.conditions ?? [];
        found = seen.find((condition) =>
          Object.entries(wanted).every(
            ([key, value]) => condition[key as keyof Condition] === value,
          ),
        );
        return found !== undefined;
      };
      await waitUntil(`${kind} ${name}`, holds, timeoutSeconds).catch((cause: unknown) => {
        throw new Error(
          `${kind} ${name} did not become ${JSON.stringify(wanted)}; it has ${JSON.stringify(seen, null, 1)}`,
          { cause },
        );
      });
      return found!;
    },
    waitUntil,
  };
}

async function applyWith(kubectl: Kubectl, manifest: object): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'gridlease-apply-'));
  try {
    const file = join(folder, 'manifest.json');
    writeFileSync(file, JSON.stringify(manifest));
    return await kubectl('apply', '-f', file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const anAccount = (namespace: string, address: string, name = 'account') => ({
  apiVersion: 'gridlease.dev/v1alpha1',
  kind: 'PaymentAccount',
  metadata: { name, namespace },
  spec: { address, chainName: 'local' },
});

type Overrides = Readonly<Record<string, object | string | number | boolean | undefined>>;

/** Whose lease it is; the empty string for an object without a job. */
export const jobUidOf = (object: KubernetesObject): string =>
  (object.spec?.['jobRef'] as { readonly uid: string } | undefined)?.uid ?? '';

/** A job that runs one simulated second on one L40S; `spec` replaces whole top-level fields. */
export const aJob = (namespace: string, name: string, spec: Overrides = {}) => ({
  apiVersion: 'gridlease.dev/v1alpha1',
  kind: 'GPUJob',
  metadata: { name, namespace },
  spec: {
    batch: { completions: 1 },
    workload: aWorkload('sleep 1'),
    gpu: { count: 1, products: ['L40S'] },
    budget: { accountName: 'account' },
    runtime: { maxDurationSeconds: 600 },
    ...spec,
  },
});

export const aWorkload = (script: string) => ({
  image: `registry.example/tool@sha256:${'ab'.repeat(32)}`,
  command: ['sh', '-c', script],
});

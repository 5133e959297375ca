import { ApiClient } from './apiClient.ts';
import { environmentPath, type FederationEnvironment, requireEnvironment } from './environment.ts';
import { readKubeconfig } from './kubeconfig.ts';
import { readProcessBook } from './processBook.ts';
import { isRunning } from './processIdentity.ts';

type Condition = { readonly type: string; readonly status: string; readonly reason?: string };
type Listed = {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>> & { readonly conditions?: Condition[] };
};

const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

const state = (object: Listed, type: string): string => {
  const condition = object.status?.conditions?.find((candidate) => candidate.type === type);
  if (condition === undefined) return '-';
  return condition.status === 'True' ? type : (condition.reason ?? condition.status);
};

const text = (value: unknown): string =>
  value === undefined || value === null ? '-' : String(value);

/** Lists a kind, or nothing when the hub doesn't serve it (clusters only). */
const list = async (client: ApiClient, resource: string): Promise<readonly Listed[]> => {
  const found = await client.find<{ items: Listed[] }>(`/apis/gridlease.dev/v1alpha1/${resource}`);
  return found?.items ?? [];
};

const providerRows = async (
  client: ApiClient,
  environment: FederationEnvironment,
): Promise<string[][]> => {
  const objects = await list(client, 'gpuproviders');
  return environment.providers.map(({ name, kubeconfig }) => {
    const object = objects.find((candidate) => candidate.metadata.name === name);
    return [
      name,
      object === undefined ? '-' : state(object, 'Ready'),
      text(object?.spec['region']),
      text(object?.status?.['gpus']),
      text(object?.status?.['products']),
      kubeconfig,
    ];
  });
};

const realNodeLines = ({ providers, store }: FederationEnvironment): readonly string[] => [
  ...providers.flatMap(({ realNodes }) =>
    realNodes.map(
      ({ name, address, machineAddress, devicesURL }) =>
        `Real containers on ${name} (${address}): this machine is ${machineAddress} to them, their GPUs are at ${devicesURL}`,
    ),
  ),
  ...(store === null
    ? []
    : [`Store of checkpoints and outputs: ${store.url}, s3://${store.bucket}/`]),
];

/** One screen about the federation in a folder. Throws, saying what to do, when there is none. */
export const statusScreen = async (dir: string): Promise<string> => {
  const environment = requireEnvironment(dir);
  const records = readProcessBook(dir);
  const gone = records.filter((record) => !isRunning(record)).map((record) => record.name);
  const client = new ApiClient(readKubeconfig(environment.hub.kubeconfig));
  try {
    const [providers, accounts, jobs] = await Promise.all([
      providerRows(client, environment),
      list(client, 'paymentaccounts'),
      list(client, 'gpujobs'),
    ]);
    const done = jobs.filter((job) => state(job, 'Succeeded') === 'Succeeded').length;
    const { chain, metrics } = environment;
    return [
      `Federation in ${dir}: ${records.length - gone.length} of ${records.length} processes run${gone.length > 0 ? `; gone: ${gone.join(', ')}` : ''}`,
      '',
      table([['PROVIDER', 'STATE', 'REGION', 'GPUS', 'PRODUCTS', 'KUBECONFIG'], ...providers]),
      ...realNodeLines(environment),
      '',
      table([
        ['ACCOUNT', 'STATE', 'ESCROWED', 'RESERVED', 'SPENT'],
        ...accounts.map((account) => [
          `${account.metadata.namespace}/${account.metadata.name}`,
          state(account, 'Ready'),
          text(account.status?.['escrowed']),
          text(account.status?.['reserved']),
          text(account.status?.['spent']),
        ]),
      ]),
      '',
      `Jobs: ${jobs.length}, of which ${done} succeeded`,
      `Chain: ${chain.rpcURL}, id ${chain.chainId}, escrow ${text(chain.escrow)}, token ${text(chain.token)}`,
      `Operator: ${text(metrics.operator)}`,
      `export KUBECONFIG=${environment.hub.kubeconfig}   # and everything else is in ${environmentPath(dir)}`,
    ].join('\n');
  } finally {
    client.close();
  }
};

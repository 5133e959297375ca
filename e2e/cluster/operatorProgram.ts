import { join } from 'node:path';
import { OPERATOR_NAMESPACE } from '@gridlease/crds/labels';
import type { ControlPlane } from './controlPlane.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { PROGRAMS } from './paths.ts';
import type { Processes } from './processes.ts';
import { type Program, startProgram } from './program.ts';
import { mintToken } from './serviceAccount.ts';

/** In a cluster a program's token is renewed by its kubelet; here it lasts as long as a federation may stay up. */
export const LOCAL_TOKEN_SECONDS = 30 * 86_400;

const OPERATOR_ACCOUNT = {
  namespace: OPERATOR_NAMESPACE,
  name: 'gridlease-operator',
} as const;

/** The name of a program's replica: the first has the program's own. */
export const replicaName = (program: string, replica: number): string =>
  replica === 1 ? program : `${program}-${replica}`;

/** Starts the operator with the identity and the rights of its committed service account. */
export const startOperator = async (options: {
  readonly hub: ControlPlane;
  /** Where the operator reaches the hub. */
  readonly hubServer: string;
  readonly dir: string;
  /** From 1; all of them have the same rights, and one of them acts. Default: 1. */
  readonly replica?: number;
  readonly processes: Processes;
  /** Merged over the defaults of the embedded federation. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<Program> => {
  const { hub, dir } = options;
  const name = replicaName('operator', options.replica ?? 1);
  const kubeconfigPath = join(dir, `${name}.kubeconfig`);
  const token = await mintToken(hub.client, OPERATOR_ACCOUNT, LOCAL_TOKEN_SECONDS, options);
  writeKubeconfig(
    kubeconfigPath,
    { ...hub.client.access, server: options.hubServer, token },
    { cluster: 'gridlease-hub', user: OPERATOR_ACCOUNT.name, namespace: OPERATOR_NAMESPACE },
  );
  return startProgram({
    ...options,
    name,
    main: PROGRAMS.operator,
    config: {
      kubeconfigPath,
      namespace: OPERATOR_NAMESPACE,
      hubEpoch: '1',
      voucherIntervalSeconds: 5,
      graceSeconds: 60,
      stopSeconds: 20,
      prepaySeconds: 0,
      idleSeconds: 300,
      fenceSeconds: 60,
      acceptSeconds: 30,
      fundDeadlineSeconds: 120,
      retentionSeconds: 604_800,
      // On a local chain gas costs nothing, and people wait to see it.
      anchorSeconds: 5,
      ...options.settings,
      leaderElection: { replicaName: name, ...electionOf(options.settings) },
    },
  });
};

/** What the caller says of the election, beside the replica's own name. */
export const electionOf = (settings: Readonly<Record<string, unknown>> | undefined): object =>
  (settings?.['leaderElection'] ?? {}) as object;

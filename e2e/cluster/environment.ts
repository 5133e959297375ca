import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeProgram } from './realNode/nodeFolder.ts';

export type RealNodeEnvironment = {
  readonly name: string;
  /** The node's own. */
  readonly address: string;
  /** This machine's, as pods of the node reach it. */
  readonly machineAddress: string;
  /** The simulated GPUs' control and exporter, see e2e/devices. Nothing answers where the node has none. */
  readonly devicesURL: string;
  /** Why addresses and names of Services don't work in its pods; null where they do. */
  readonly noServices: string | null;
  /** As they were at the start: each program is started again a second after it ended. 0 for one that it doesn't have. */
  readonly pids: Readonly<Record<NodeProgram, number>>;
};

/** `.gridlease/env.json`: how to reach everything of a federation. Files are absolute paths. Keys are for development only. */
export type FederationEnvironment = {
  readonly hub: {
    readonly kubeconfig: string;
    /** Empty unless they were asked for: operator and agents are programs of this machine. */
    readonly realNodes: readonly RealNodeEnvironment[];
  };
  readonly providers: readonly {
    readonly name: string;
    /** Admin of the provider's own cluster. */
    readonly kubeconfig: string;
    /** The provider's address on the chain. */
    readonly address: string;
    /** Empty where all its nodes are simulated. */
    readonly realNodes: readonly RealNodeEnvironment[];
  }[];
  readonly chain: {
    readonly rpcURL: string;
    readonly chainId: number;
    readonly escrow: string | null;
    readonly token: string | null;
    /** The PlacementAnchor. */
    readonly anchor: string | null;
    /** null until there is one. */
    readonly registry: string | null;
  };
  /** An S3-compatible store for checkpoints and outputs (s3://<bucket>/…); null where all nodes are simulated. */
  readonly store: {
    readonly url: string;
    readonly accessKey: string;
    readonly secretKey: string;
    readonly bucket: string;
  } | null;
  readonly tenant: {
    readonly namespace: string;
    readonly paymentAccount: string;
    readonly address: string;
    readonly privateKey: string;
  };
  readonly metrics: {
    readonly operator: string | null;
    readonly agents: readonly string[];
    /** All replicas, the first ones included. */
    readonly operators: readonly string[];
    /** All replicas of each, in the order of `providers`. */
    readonly agentReplicas: readonly (readonly string[])[];
  };
  readonly pids: {
    readonly operator: number | null;
    /** In the order of `providers`. */
    readonly agents: readonly number[];
    /** All replicas, the first ones included. */
    readonly operators: readonly number[];
    /** All replicas of each, in the order of `providers`. */
    readonly agentReplicas: readonly (readonly number[])[];
    readonly wallet: number | null;
    readonly chain: number | null;
    /** Kubernetes programs by name: "hub-apiserver", "alpha-kwok". */
    readonly clusters: Readonly<Record<string, number>>;
  };
};

export const environmentPath = (dir: string): string => join(dir, 'env.json');

/** Written under its name only when whole, readable by its owner only. */
export const writeEnvironment = (dir: string, environment: FederationEnvironment): void => {
  const file = environmentPath(dir);
  writeFileSync(`${file}.new`, `${JSON.stringify(environment, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
};

export const readEnvironment = (dir: string): FederationEnvironment | undefined => {
  try {
    return JSON.parse(readFileSync(environmentPath(dir), 'utf8')) as FederationEnvironment;
  } catch {
    // Not up, or not yet.
    return undefined;
  }
};

/** Of a federation that is up. Throws, saying what to do, when there is none. */
export const requireEnvironment = (dir: string): FederationEnvironment => {
  const environment = readEnvironment(dir);
  if (environment === undefined) throw new Error(`Nothing is up in ${dir}: npm run up starts it.`);
  return environment;
};

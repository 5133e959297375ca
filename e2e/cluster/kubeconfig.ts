import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';

/** What one needs to talk to an API server as somebody: address, the CA that signed its certificate, a token. */
export type ClusterAccess = {
  /** https URL of the API server. */
  readonly server: string;
  /** PEM of the certificate authority. */
  readonly certificateAuthority: string;
  readonly token: string;
};

export type KubeconfigNames = {
  readonly cluster: string;
  readonly user: string;
  readonly namespace?: string;
};

/** A kubeconfig with everything inside it, so that it can be copied to another folder. */
const renderKubeconfig = (access: ClusterAccess, names: KubeconfigNames): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: names.cluster,
        cluster: {
          server: access.server,
          'certificate-authority-data': Buffer.from(access.certificateAuthority).toString('base64'),
        },
      },
    ],
    users: [{ name: names.user, user: { token: access.token } }],
    contexts: [
      {
        name: names.cluster,
        context: {
          cluster: names.cluster,
          user: names.user,
          ...(names.namespace === undefined ? {} : { namespace: names.namespace }),
        },
      },
    ],
    'current-context': names.cluster,
  });

/** Writes it readable by its owner only: a kubeconfig is a credential. */
export const writeKubeconfig = (
  file: string,
  access: ClusterAccess,
  names: KubeconfigNames,
): void => {
  writeFileSync(file, renderKubeconfig(access, names), { mode: 0o600 });
  chmodSync(file, 0o600);
};

type WrittenKubeconfig = {
  readonly clusters: readonly [{ readonly cluster: Readonly<Record<string, string>> }];
  readonly users: readonly [{ readonly user: Readonly<Record<string, string>> }];
};

/** Reads back a kubeconfig that writeKubeconfig wrote. It isn't a general kubeconfig reader. */
export const readKubeconfig = (file: string): ClusterAccess => {
  const config = parse(readFileSync(file, 'utf8')) as WrittenKubeconfig;
  const cluster = config.clusters[0].cluster;
  return {
    server: cluster['server'] ?? '',
    certificateAuthority: Buffer.from(
      cluster['certificate-authority-data'] ?? '',
      'base64',
    ).toString(),
    token: config.users[0].user['token'] ?? '',
  };
};

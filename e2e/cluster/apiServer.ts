import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiClient } from './apiClient.ts';
import type { EtcdOptions } from './etcd.ts';
import {
  appendNodeTokens,
  type IdentityName,
  type IdentityTokens,
  writeTokenFile,
} from './identities.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import { claimPort } from './ports.ts';
import { lostItsPort } from './processes.ts';
import { SERVICE_RANGE } from './realNode/addresses.ts';
import { type KubeletTrust, kubeletTrust } from './realNode/kubeletTrust.ts';
import type { NodeNetwork } from './realNode/network.ts';

export type ApiServerOptions = EtcdOptions & {
  readonly etcdURL: string;
  /** Default false. Writes who did what (metadata, and the pods that were asked for) to `<dir>/<name>-audit.log`, one JSON object a line. */
  readonly audit?: boolean;
  /** The network of real nodes that this server is to be reached in. Default: it listens on loopback only. */
  readonly network?: NodeNetwork | undefined;
  /** Nodes with a kubelet of their own. Default none. */
  readonly nodeNames?: readonly string[] | undefined;
};

/** What kubelets need to join; there is none where all nodes are simulated. */
export type KubeletAccess = {
  readonly trust: KubeletTrust;
  accessAs(nodeName: string): ClusterAccess;
};

export type ApiServer = {
  readonly server: string;
  /** PEM file of the authority that signed the serving certificate. */
  readonly certificateAuthorityFile: string;
  /** PEM file of the serving certificate's key, for a proxy that stands in for this server. */
  readonly servingKeyFile: string;
  readonly serviceAccountKeyFile: string;
  readonly auditFile: string | undefined;
  accessAs(identity: IdentityName): ClusterAccess;
  readonly kubelets: KubeletAccess | undefined;
};

const writeServiceAccountKeys = (dir: string): { publicKey: string; privateKey: string } => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = join(dir, 'service-account.pub');
  const privateKey = join(dir, 'service-account.key');
  writeFileSync(publicKey, pair.publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(privateKey, pair.privateKey.export({ type: 'sec1', format: 'pem' }), {
    mode: 0o600,
  });
  return { publicKey, privateKey };
};

// Who asked for what. Only of pods is the object itself written down: its labels say whose attempt it is.
const AUDIT_POLICY = JSON.stringify({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [
    {
      level: 'None',
      nonResourceURLs: ['/readyz*', '/livez*', '/healthz*', '/version', '/openapi/*'],
    },
    { level: 'Request', verbs: ['create'], resources: [{ group: '', resources: ['pods'] }] },
    { level: 'Metadata' },
  ],
});

const readPEM = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The server writes it in its first second.
    return undefined;
  }
};

type Audit = { readonly file: string; readonly policyFile: string };

const prepareAudit = ({ dir, name }: ApiServerOptions, certDir: string): Audit => {
  const policyFile = join(certDir, 'audit-policy.json');
  writeFileSync(policyFile, AUDIT_POLICY);
  return { file: join(dir, `${name}-audit.log`), policyFile };
};

const flagsOf = (
  { etcdURL, network }: ApiServerOptions,
  own: {
    readonly address: string;
    readonly port: number;
    readonly certDir: string;
    readonly keys: ReturnType<typeof writeServiceAccountKeys>;
    readonly tokenFile: string;
    readonly trust: ReturnType<typeof kubeletTrust> | undefined;
    readonly audit: Audit | undefined;
  },
): readonly string[] => [
  `--etcd-servers=${etcdURL}`,
  `--secure-port=${own.port}`,
  `--bind-address=${own.address}`,
  `--advertise-address=${own.address}`,
  `--cert-dir=${own.certDir}`,
  '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
  `--service-account-key-file=${own.keys.publicKey}`,
  `--service-account-signing-key-file=${own.keys.privateKey}`,
  '--service-account-max-token-expiration=720h',
  '--service-account-extend-token-expiration=false',
  `--token-auth-file=${own.tokenFile}`,
  `--authorization-mode=${own.trust === undefined ? 'RBAC' : 'Node,RBAC'}`,
  '--anonymous-auth=false',
  `--service-cluster-ip-range=${SERVICE_RANGE}`,
  '--allow-privileged=false',
  '--profiling=false',
  `--endpoint-reconciler-type=${network === undefined ? 'none' : 'lease'}`,
  '--shutdown-delay-duration=0s',
  '--v=1',
  ...(own.trust?.apiServerFlags ?? []),
  ...(own.audit === undefined
    ? []
    : [
        `--audit-log-path=${own.audit.file}`,
        `--audit-policy-file=${own.audit.policyFile}`,
        // Whoever reads it wants one file, from the first line to the last.
        '--audit-log-maxsize=100000',
      ]),
];

/**
 * Starts kube-apiserver with RBAC and its default admission plug-ins (Pod Security, quota, limits, service accounts,
 * ValidatingAdmissionPolicy) and returns once /readyz says ok. Its serving certificate is signed by an authority of its
 * own, made for this run, which every kubeconfig names: nothing skips verification.
 */
export const startApiServer = async (options: ApiServerOptions): Promise<ApiServer> => {
  const certDir = join(options.dir, `${options.name}-certificates`);
  mkdirSync(certDir, { recursive: true, mode: 0o700 });
  const keys = writeServiceAccountKeys(certDir);
  const tokenFile = join(certDir, 'tokens.csv');
  const nodeNames = options.nodeNames ?? [];
  const tokens: IdentityTokens = writeTokenFile(tokenFile);
  const nodeTokens = appendNodeTokens(tokenFile, nodeNames);
  const trust = nodeNames.length === 0 ? undefined : kubeletTrust(certDir, options.name);
  const audit = options.audit ? prepareAudit(options, certDir) : undefined;
  // kube-apiserver appends the authority's certificate to the one that it generates for itself.
  const certificateAuthorityFile = join(certDir, 'apiserver.crt');

  // In a network of real nodes this is where the Service `kubernetes` leads; the generated certificate names it.
  const address = options.network?.machineAddress ?? '127.0.0.1';
  for (let attempt = 1; ; attempt++) {
    const claim = await claimPort({ host: address });
    const server = `https://${address}:${claim.port}`;
    const program = options.processes.start({
      name: options.name,
      layer: 1,
      command: options.assets['kube-apiserver'],
      args: flagsOf(options, { address, port: claim.port, certDir, keys, tokenFile, trust, audit }),
    });
    const accessAs = (identity: IdentityName): ClusterAccess => ({
      server,
      certificateAuthority: readPEM(certificateAuthorityFile) ?? '',
      token: tokens[identity],
    });
    try {
      await options.processes.ready(
        program,
        async () => {
          if (readPEM(certificateAuthorityFile) === undefined) return false;
          const client = new ApiClient(accessAs('bootstrap'));
          try {
            return (await client.request<string>('GET', '/readyz')) === 'ok';
          } finally {
            client.close();
          }
        },
        { signal: options.signal },
      );
      return {
        server,
        certificateAuthorityFile,
        servingKeyFile: join(certDir, 'apiserver.key'),
        serviceAccountKeyFile: keys.privateKey,
        auditFile: audit?.file,
        accessAs,
        kubelets: trust && {
          trust,
          accessAs: (nodeName) => ({
            ...accessAs('bootstrap'),
            token: nodeTokens[nodeName] ?? '',
          }),
        },
      };
    } catch (error) {
      if (!lostItsPort(error) || attempt === 5) throw error;
    } finally {
      claim.release();
    }
  }
};

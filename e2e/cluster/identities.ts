import { randomBytes } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';

/**
 * Who may log in with a static token. Each Kubernetes component has the standard user that the API server's own
 * bootstrap roles name; people come as platform admins; only the harness's setup step is a member of system:masters.
 */
export const IDENTITIES = {
  bootstrap: { user: 'gridlease:e2e-bootstrap', groups: ['system:masters'] },
  platformAdmin: { user: 'platform-admin', groups: ['gridlease:platform-admins'] },
  controllerManager: { user: 'system:kube-controller-manager', groups: [] },
  scheduler: { user: 'system:kube-scheduler', groups: [] },
  kubeProxy: { user: 'system:kube-proxy', groups: [] },
  coreDNS: { user: 'gridlease:coredns', groups: [] },
  kwok: { user: 'gridlease:kwok', groups: [] },
} as const;

export type IdentityName = keyof typeof IDENTITIES;
export type IdentityTokens = Readonly<Record<IdentityName, string>>;

const NAMES = Object.keys(IDENTITIES) as IdentityName[];

/** New random tokens, written as the CSV that kube-apiserver's --token-auth-file reads: token,user,uid,"groups". */
export const writeTokenFile = (file: string): IdentityTokens => {
  const tokens = Object.fromEntries(
    NAMES.map((name) => [name, randomBytes(24).toString('hex')]),
  ) as IdentityTokens;
  const lines = NAMES.map((name) => {
    const { user, groups } = IDENTITIES[name];
    return `${tokens[name]},${user},${user},"${groups.join(',')}"`;
  });
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return tokens;
};

/** A token for each node's kubelet, under the name and in the group that the node authorizer knows. */
export const appendNodeTokens = (
  file: string,
  nodeNames: readonly string[],
): Readonly<Record<string, string>> => {
  const tokens = Object.fromEntries(
    nodeNames.map((name) => [name, randomBytes(24).toString('hex')]),
  );
  for (const [name, token] of Object.entries(tokens)) {
    const user = `system:node:${name}`;
    appendFileSync(file, `${token},${user},${user},"system:nodes"\n`);
  }
  return tokens;
};

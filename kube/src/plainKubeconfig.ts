import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';

/** What is needed of a kubeconfig; the client library's own KubeConfig has it too. */
export type AccessConfig = {
  getCurrentCluster(): AccessCluster | null;
  getCurrentUser(): { readonly token?: string | undefined } | null;
  /** Adds what a request needs to be made as the current user: authority, certificate, headers. */
  applyToHTTPSOptions(options: RequestOptions): Promise<void>;
};

export type AccessCluster = {
  readonly server: string;
  readonly skipTLSVerify?: boolean | undefined;
  readonly proxyUrl?: string | undefined;
};

type Fields = Readonly<Record<string, unknown>>;
type Named = { readonly name: string } & Fields;

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Fields by which a user needs more than files and text: a plugin, a refreshed login, a password. */
const beyondPlain = ['exec', 'auth-provider', 'username', 'password', 'impersonate', 'as'];

/**
 * Reads a kubeconfig whose user has a token or a certificate, or the account of the pod we run in: what
 * programs have. Undefined for anything else, which the client library knows how to handle; it takes
 * 60 MiB of memory and half a second of start.
 */
export function plainKubeconfig(path: string | undefined): AccessConfig | undefined {
  if (path !== undefined) return fromFile(path);
  const named = process.env['KUBECONFIG'];
  if (named) return named.includes(':') ? undefined : fromFile(named);
  const own = join(homedir(), '.kube', 'config');
  if (existsSync(own)) return fromFile(own);
  return inCluster();
}

function inCluster(): AccessConfig | undefined {
  const host = process.env['KUBERNETES_SERVICE_HOST'];
  const port = process.env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port || !existsSync(join(serviceAccount, 'token'))) return undefined;
  const address = host.includes(':') ? `[${host}]` : host;
  return accessOf(
    { server: `https://${address}:${port}`, 'certificate-authority': 'ca.crt' },
    { tokenFile: 'token' },
    serviceAccount,
  );
}

/** An API server by its address, a file with its authority's certificate and a file with a token. */
export function accessByFiles(options: {
  readonly server: string;
  readonly caPath: string;
  readonly tokenPath: string;
}): AccessConfig {
  const { server, caPath, tokenPath } = options;
  return accessOf({ server, 'certificate-authority': caPath }, { tokenFile: tokenPath }, '.');
}

function fromFile(path: string): AccessConfig | undefined {
  const config = parse(readFileSync(path, 'utf8')) as Fields | null;
  const listed = (key: string) => (config?.[key] ?? []) as readonly Named[];
  const context = listed('contexts').find(({ name }) => name === config?.['current-context']);
  const names = context?.['context'] as { readonly cluster?: string; readonly user?: string };
  const find = (key: string, kind: string, name: string | undefined) =>
    listed(key).find((one) => one.name === name)?.[kind] as Fields | undefined;
  const cluster = find('clusters', 'cluster', names?.cluster);
  const user = find('users', 'user', names?.user) ?? {};
  if (cluster === undefined || beyondPlain.some((field) => user[field] !== undefined)) {
    return undefined;
  }
  return accessOf(cluster, user, dirname(resolve(path)));
}

function accessOf(cluster: Fields, user: Fields, folder: string): AccessConfig {
  const text = (fields: Fields, name: string) => fields[name] as string | undefined;
  /** From `NAME-data` in the file, or from the file that `NAME` names. */
  const content = async (fields: Fields, name: string): Promise<Buffer | undefined> => {
    const data = text(fields, `${name}-data`);
    if (data !== undefined) return Buffer.from(data, 'base64');
    const file = text(fields, name);
    return file === undefined ? undefined : readFile(resolve(folder, file));
  };
  return {
    getCurrentCluster: () => ({
      server: text(cluster, 'server') ?? '',
      skipTLSVerify: cluster['insecure-skip-tls-verify'] === true,
      proxyUrl: text(cluster, 'proxy-url'),
    }),
    getCurrentUser: () => ({ token: text(user, 'token') }),
    async applyToHTTPSOptions(options) {
      const [ca, cert, key] = await Promise.all([
        content(cluster, 'certificate-authority'),
        content(user, 'client-certificate'),
        content(user, 'client-key'),
      ]);
      if (ca !== undefined) options.ca = ca;
      if (cert !== undefined) options.cert = cert;
      if (key !== undefined) options.key = key;
      const servername = text(cluster, 'tls-server-name');
      if (servername !== undefined) options.servername = servername;
      const file = text(user, 'tokenFile');
      // Both set: kubectl takes the file, which is renewed.
      const token =
        file === undefined ? text(user, 'token') : await readFile(resolve(folder, file), 'utf8');
      if (token !== undefined) {
        options.headers = { ...options.headers, Authorization: `Bearer ${token.trim()}` };
      }
    },
  };
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificate, certificateAuthority, issueCertificate } from './certificates.ts';

/** Who the API server is towards kubelets; a binding gives it the rights on their API. */
export const KUBELET_CLIENT = 'kube-apiserver-kubelet-client';

/** The authority of a cluster's kubelets: they serve with its certificates, and ask their one client for one. */
export type KubeletTrust = {
  readonly authorityFile: string;
  /** What the API server needs to reach kubelets, and to know them as such. */
  readonly apiServerFlags: readonly string[];
  /** PEM certificate and key for a kubelet's own API. */
  serve(nodeName: string, address: string): Certificate;
};

export const kubeletTrust = (dir: string, cluster: string): KubeletTrust => {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const name = `kubelets of ${cluster}`;
  const authority = certificateAuthority(name);
  const client = issueCertificate(authority, name, { commonName: KUBELET_CLIENT, usage: 'client' });
  const write = (file: string, content: string): string => {
    writeFileSync(join(dir, file), content, { mode: 0o600 });
    return join(dir, file);
  };
  const authorityFile = write('kubelets.crt', authority.certificate);
  return {
    authorityFile,
    apiServerFlags: [
      `--kubelet-certificate-authority=${authorityFile}`,
      `--kubelet-client-certificate=${write('kubelet-client.crt', client.certificate)}`,
      `--kubelet-client-key=${write('kubelet-client.key', client.privateKey)}`,
      // Node names mean nothing to this machine's resolver.
      '--kubelet-preferred-address-types=InternalIP',
      // A kubelet may touch its own node and what is scheduled there, nothing else.
      '--enable-admission-plugins=NodeRestriction',
    ],
    serve: (nodeName, address) =>
      issueCertificate(authority, name, {
        commonName: `system:node:${nodeName}`,
        organizations: ['system:nodes'],
        usage: 'server',
        addresses: [address, nodeName],
      }),
  };
};

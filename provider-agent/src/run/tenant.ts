import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import { type AllowRule, allowedBlock, publicBlocks } from './egress.ts';
import type { PolicyRule } from './flows.ts';
import { type LeaseIdentity, leaseLabels, tenantLabels } from './labels.ts';
import { type Manifest, synthesise } from './manifests.ts';
import { leasePolicyName } from './names.ts';

/** The most that a tenant namespace may hold: the cluster's GPUs, and one pod for each. */
export type TenantLimits = {
  /** GPUs of the cluster by resource name. */
  readonly gpus: Readonly<Record<string, number>>;
};

// Pinned: a newer cluster must not tighten the profile under running leases.
const podSecurityVersion = 'v1.34';

/**
 * The walls of a tenant's namespace: restricted Pod Security, nothing but pods of a bounded number,
 * defaults for what forgot to state its resources, and no traffic in or out. In the order in which
 * they must exist; all of them before the first pod. The quota bounds GPUs, pods and objects, not cpu,
 * memory or disk: each pod has what its accepted lease states, and its number is bounded by the GPUs.
 */
export function renderTenant(
  identity: LeaseIdentity,
  namespace: string,
  limits: TenantLimits,
): readonly Manifest[] {
  const gpus = Object.entries(limits.gpus).sort();
  const total = gpus.reduce((sum, [, count]) => sum + count, 0);
  const levels = ['enforce', 'audit', 'warn'].flatMap((mode) => [
    [`pod-security.kubernetes.io/${mode}`, 'restricted'],
    [`pod-security.kubernetes.io/${mode}-version`, podSecurityVersion],
  ]);
  const labels = tenantLabels(identity);
  const own = synthesise({ labels }, [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: Object.fromEntries(levels) },
    },
  ]);
  const inside = synthesise({ namespace, labels }, [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'default-deny' },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'names' },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: [dns] },
    },
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'gridlease' },
      spec: {
        hard: {
          pods: String(total),
          ...Object.fromEntries(gpus.map(([name, count]) => [`requests.${name}`, String(count)])),
          // Inside the cluster only; each has at least one replica, and so one GPU.
          services: String(total),
          'services.loadbalancers': '0',
          'services.nodeports': '0',
          persistentvolumeclaims: '0',
          secrets: '10',
          configmaps: '10',
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'gridlease' },
      spec: {
        limits: [
          {
            type: 'Container',
            default: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1Gi' },
            defaultRequest: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1Gi' },
          },
        ],
      },
    },
  ]);
  return [...own, ...inside];
}

/**
 * What one lease may reach beyond names: the internet if it asked for it, and the destinations it
 * named; none for a lease that asked for nothing. A service is reached at its ports by the agent
 * alone, which brings the traffic from outside; checks of the pod's own node pass by every policy.
 */
export function renderFlows(
  identity: LeaseIdentity,
  namespace: string,
  wish: {
    readonly egress: 'None' | 'Public';
    readonly allow: readonly AllowRule[];
    /** Of a service: its ports, and the namespace of the agent. */
    readonly inbound?: { readonly ports: readonly number[]; readonly namespace: string };
  },
  closed: readonly string[],
): readonly Manifest[] {
  const named = wish.allow.flatMap((rule) => {
    const block = allowedBlock(rule, closed);
    return block === undefined
      ? []
      : [{ to: [{ ipBlock: block }], ports: [{ protocol: 'TCP', port: rule.port }] }];
  });
  const open: readonly PolicyRule[] =
    wish.egress === 'Public' ? [{ to: publicBlocks(closed).map((ipBlock) => ({ ipBlock })) }] : [];
  const egress = [...open, ...named];
  if (egress.length === 0 && wish.inbound === undefined) return [];
  return synthesise({ namespace, labels: leaseLabels(identity) }, [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: leasePolicyName(identity.leaseUid) },
      spec: {
        podSelector: { matchLabels: { [LABEL_LEASE_UID]: identity.leaseUid } },
        policyTypes: ['Egress', ...(wish.inbound === undefined ? [] : ['Ingress'])],
        egress,
        ...(wish.inbound === undefined ? {} : { ingress: [fromAgent(wish.inbound)] }),
      },
    },
  ]);
}

function fromAgent(inbound: {
  readonly ports: readonly number[];
  readonly namespace: string;
}): PolicyRule {
  const matchLabels = { 'kubernetes.io/metadata.name': inbound.namespace };
  return {
    from: [{ namespaceSelector: { matchLabels } }],
    ports: inbound.ports.map((port) => ({ protocol: 'TCP', port })),
  };
}

/** Only the cluster's own resolver: a tenant that may ask any address on port 53 has a way out. */
const dns: PolicyRule = {
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};

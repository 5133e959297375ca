import { contains, parseRange } from './cidr.ts';

/** The parts of a NetworkPolicy that this project renders. */
export type PolicySpec = {
  readonly podSelector: Selector;
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly PolicyRule[];
  readonly egress?: readonly PolicyRule[];
};
export type Selector = { readonly matchLabels?: Readonly<Record<string, string>> };
export type PolicyRule = {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly protocol: string; readonly port: number }[];
};
export type Peer = {
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
  readonly namespaceSelector?: Selector;
  readonly podSelector?: Selector;
};

/** The other end of a connection: an address, and labels when it is a pod of the cluster. */
export type Endpoint = {
  readonly ip: string;
  readonly podLabels?: Readonly<Record<string, string>>;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
};

export type Flow = {
  readonly direction: 'ingress' | 'egress';
  /** Labels of the tenant's pod. */
  readonly pod: Readonly<Record<string, string>>;
  readonly other: Endpoint;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly port: number;
};

/**
 * What a conforming network plugin decides for one connection of a pod: denied as soon as any policy
 * selects the pod for that direction and no rule of those policies allows it. It lets tests ask "can
 * this pod reach that address" without a network.
 */
export function isAllowed(policies: readonly PolicySpec[], flow: Flow): boolean {
  const type = flow.direction === 'ingress' ? 'Ingress' : 'Egress';
  const selecting = policies.filter(
    (policy) => policy.policyTypes.includes(type) && selects(policy.podSelector, flow.pod),
  );
  if (selecting.length === 0) return true;
  return selecting.some((policy) =>
    (policy[flow.direction] ?? []).some((rule) => ruleAllows(rule, flow)),
  );
}

function ruleAllows(rule: PolicyRule, flow: Flow): boolean {
  const peers = flow.direction === 'ingress' ? rule.from : rule.to;
  const peerMatches =
    peers === undefined || peers.length === 0 || peers.some((peer) => peerMatch(peer, flow.other));
  const portMatches =
    rule.ports === undefined ||
    rule.ports.length === 0 ||
    rule.ports.some((port) => port.protocol === flow.protocol && port.port === flow.port);
  return peerMatches && portMatches;
}

function peerMatch(peer: Peer, other: Endpoint): boolean {
  if (peer.ipBlock !== undefined) {
    const address = parseRange(other.ip)!;
    const inside = contains(parseRange(peer.ipBlock.cidr)!, address);
    return (
      inside && !(peer.ipBlock.except ?? []).some((text) => contains(parseRange(text)!, address))
    );
  }
  // A selector for namespaces or pods never matches an address outside the cluster.
  if (other.podLabels === undefined) return false;
  const namespaceMatches =
    peer.namespaceSelector === undefined ||
    selects(peer.namespaceSelector, other.namespaceLabels ?? {});
  return (
    namespaceMatches &&
    (peer.podSelector === undefined || selects(peer.podSelector, other.podLabels))
  );
}

function selects(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
}

import { describe, expect, test } from '@jest/globals';
import { aWorkloadDocument } from '../testing/builders.ts';
import { contains, formatRange, parseRange } from './cidr.ts';
import { type AllowRule, allowedBlock, closedRanges } from './egress.ts';
import { type Endpoint, type Flow, isAllowed, type PolicySpec } from './flows.ts';
import { taskLabels } from './labels.ts';
import { renderFlows, renderTenant } from './tenant.ts';

const identity = {
  providerName: 'alpha',
  hub: '0123456789abcdef',
  managedBy: 'gridlease-provider-agent',
  leaseUid: 'lease-uid',
  epoch: 1,
  job: aWorkloadDocument().job,
};
const pod = taskLabels(identity, 0);
/** The provider's own public network, and the hub. */
const closed = closedRanges(['198.51.100.0/24', '192.0.2.10', '2001:db8:10::/48', '10.1.2.3']);

/** Every policy of the tenant's namespace, as a network plugin would see them. */
const policies = (egress: 'None' | 'Public', allow: readonly AllowRule[] = []) =>
  [
    ...renderTenant(identity, 'tenant', { gpus: {} }).filter((m) => m.kind === 'NetworkPolicy'),
    ...renderFlows(identity, 'tenant', { egress, allow }, closed),
    ...renderFlows(
      { ...identity, leaseUid: 'other' },
      'tenant',
      { egress: 'Public', allow: [] },
      closed,
    ),
  ].map((manifest) => manifest.spec as PolicySpec);

/** The same for a replica of a service. */
const servicePolicies = [
  ...renderTenant(identity, 'tenant', { gpus: {} }).filter((m) => m.kind === 'NetworkPolicy'),
  ...renderFlows(
    identity,
    'tenant',
    { egress: 'None', allow: [], inbound: { ports: [8000], namespace: 'gridlease-agent' } },
    closed,
  ),
].map((manifest) => manifest.spec as PolicySpec);

const kubeDNS: Endpoint = {
  ip: '10.0.0.10',
  podLabels: { 'k8s-app': 'kube-dns' },
  namespaceLabels: { 'kubernetes.io/metadata.name': 'kube-system' },
};
const neighbour: Endpoint = {
  ip: '10.244.0.7',
  podLabels: { app: 'neighbour' },
  namespaceLabels: { 'kubernetes.io/metadata.name': 'tenant' },
};
const theAgent: Endpoint = {
  ip: '10.244.0.9',
  podLabels: { app: 'agent' },
  namespaceLabels: { 'kubernetes.io/metadata.name': 'gridlease-agent' },
};
const fakeDNS = { ...kubeDNS, namespaceLabels: { 'kubernetes.io/metadata.name': 'tenant' } };
const to = (ip: string, port = 443, protocol: Flow['protocol'] = 'TCP'): Flow => ({
  direction: 'egress',
  pod,
  other: { ip },
  protocol,
  port,
});
const toPod = (other: Endpoint, port: number, protocol: Flow['protocol'] = 'TCP'): Flow => ({
  ...to(other.ip, port, protocol),
  other,
});
const from = (other: Endpoint): Flow => ({
  direction: 'ingress',
  pod,
  other,
  protocol: 'TCP',
  port: 8000,
});
const https = [{ cidr: '203.0.113.0/24', port: 443 }] as const;
const anywhere = [{ cidr: '0.0.0.0/0', port: 443 }] as const;

const none = policies('None');
const open = policies('Public');
const named = policies('None', https);
const wide = policies('None', anywhere);

const flows: readonly (readonly [string, readonly PolicySpec[], Flow, boolean])[] = [
  // Nothing asked for: only names can be resolved.
  ['None: the internet', none, to('93.184.216.34'), false],
  ['None: the internet over IPv6', none, to('2606:4700::1111'), false],
  ['None: the cluster’s DNS over UDP', none, toPod(kubeDNS, 53, 'UDP'), true],
  ['None: the cluster’s DNS over TCP', none, toPod(kubeDNS, 53), true],
  ['None: the cluster’s DNS on another port', none, toPod(kubeDNS, 9153), false],
  ['None: a pod that calls itself DNS', none, toPod(fakeDNS, 53, 'UDP'), false],
  ['None: another resolver on port 53', none, to('8.8.8.8', 53, 'UDP'), false],
  ['None: a neighbour in the namespace', none, toPod(neighbour, 8080), false],
  ['None: the metadata service', none, to('169.254.169.254', 80), false],
  // The internet, and nothing that is near.
  ['Public: the internet', open, to('93.184.216.34'), true],
  ['Public: any port of it', open, to('93.184.216.34', 22), true],
  ['Public: UDP', open, to('93.184.216.34', 443, 'UDP'), true],
  ['Public: IPv6', open, to('2606:4700::1111'), true],
  ['Public: the cluster’s DNS', open, toPod(kubeDNS, 53, 'UDP'), true],
  ['Public: 10/8', open, to('10.0.0.1'), false],
  ['Public: the end of 10/8', open, to('10.255.255.255'), false],
  ['Public: just before 10/8', open, to('9.255.255.255'), true],
  ['Public: just after 10/8', open, to('11.0.0.0'), true],
  ['Public: 172.16/12', open, to('172.16.0.1'), false],
  ['Public: the end of 172.16/12', open, to('172.31.255.255'), false],
  ['Public: just after 172.16/12', open, to('172.32.0.0'), true],
  ['Public: 192.168/16', open, to('192.168.1.1'), false],
  ['Public: carrier NAT', open, to('100.64.0.1'), false],
  ['Public: the end of carrier NAT', open, to('100.127.255.255'), false],
  ['Public: just after carrier NAT', open, to('100.128.0.0'), true],
  ['Public: the metadata service', open, to('169.254.169.254', 80), false],
  ['Public: loopback', open, to('127.0.0.1'), false],
  ['Public: this network', open, to('0.0.0.1'), false],
  ['Public: multicast', open, to('224.0.0.1'), false],
  ['Public: reserved', open, to('240.0.0.1'), false],
  ['Public: broadcast', open, to('255.255.255.255'), false],
  ['Public: IPv6 unique local', open, to('fd00::1'), false],
  ['Public: IPv6 link-local', open, to('fe80::1'), false],
  ['Public: IPv6 multicast', open, to('ff02::1'), false],
  ['Public: IPv6 loopback', open, to('::1'), false],
  ['Public: IPv4 inside IPv6', open, to('::ffff:10.0.0.1'), false],
  ['Public: IPv4 through NAT64', open, to('64:ff9b::a00:1'), false],
  ['Public: IPv4 through 6to4', open, to('2002:a00:1::1'), false],
  ['Public: the provider’s own public network', open, to('198.51.100.7'), false],
  ['Public: beside it', open, to('198.51.101.7'), true],
  ['Public: the hub', open, to('192.0.2.10', 6443), false],
  ['Public: beside the hub', open, to('192.0.2.11', 6443), true],
  ['Public: the provider’s IPv6 network', open, to('2001:db8:10::5'), false],
  ['Public: a neighbour in the namespace', open, toPod(neighbour, 8080), false],
  // What was named, and no more.
  ['named: the destination', named, to('203.0.113.9'), true],
  ['named: another port of it', named, to('203.0.113.9', 80), false],
  ['named: UDP', named, to('203.0.113.9', 443, 'UDP'), false],
  ['named: beside it', named, to('203.0.114.9'), false],
  ['named: the cluster’s DNS', named, toPod(kubeDNS, 53, 'UDP'), true],
  ['everything named: the internet', wide, to('93.184.216.34'), true],
  ['everything named: 10/8 all the same', wide, to('10.0.0.1'), false],
  ['everything named: the metadata service all the same', wide, to('169.254.169.254'), false],
  ['everything named: the hub all the same', wide, to('192.0.2.10'), false],
  // Nobody comes in.
  ['in: a neighbour', open, from(neighbour), false],
  ['in: a pod of kube-system', open, from(kubeDNS), false],
  // A service is reached by the agent, at its ports.
  ['service: the agent at a port of it', servicePolicies, from(theAgent), true],
  ['service: the agent at another port', servicePolicies, { ...from(theAgent), port: 22 }, false],
  ['service: a neighbour', servicePolicies, from(neighbour), false],
  ['service: the internet', servicePolicies, from({ ip: '93.184.216.34' }), false],
  ['service: out to the internet', servicePolicies, to('93.184.216.34'), false],
  ['task: the agent', open, from(theAgent), false],
  ['in: the internet', open, from({ ip: '93.184.216.34' }), false],
];

describe('what a tenant’s pod can reach', () => {
  test.each(flows.map(([name, rules, flow, allowed]) => [name, allowed, rules, flow] as const))(
    '%s: %s',
    (_name, allowed, rules, flow) => {
      expect(isAllowed(rules, flow)).toBe(allowed);
    },
  );

  test('a pod of another lease gets that lease’s rules, not this one’s', () => {
    const other = { ...pod, 'gridlease.dev/lease-uid': 'other' };
    expect(isAllowed(none, { ...to('93.184.216.34'), pod: other })).toBe(true);
    expect(isAllowed(none, to('93.184.216.34'))).toBe(false);
  });

  test('without policies everything is open: the default-deny is what closes', () => {
    expect(isAllowed([], from(neighbour))).toBe(true);
  });
});

describe('destinations that a tenant may name', () => {
  test.each([
    ['10.0.0.0/24', false],
    ['192.168.7.9/32', false],
    ['169.254.169.254/32', false],
    ['198.51.100.128/25', false],
    ['fd00::/64', false],
    ['::ffff:0:0/96', false],
    ['not an address', false],
    ['10.0.0.0/33', false],
    ['203.0.113.0/24', true],
    ['2606:4700::/32', true],
    ['0.0.0.0/0', true],
    ['::/0', true],
    ['198.51.0.0/16', true],
  ])('%s: %s', (cidr, allowed) => {
    expect(allowedBlock({ cidr, port: 443 }, closed) !== undefined).toBe(allowed);
  });

  test('closed ranges within a wish are cut out of it', () => {
    expect(allowedBlock({ cidr: '198.51.0.0/16', port: 443 }, closed)).toEqual({
      cidr: '198.51.0.0/16',
      except: ['198.51.100.0/24'],
    });
  });

  test('an address that a closed range covers already adds none', () => {
    expect(closed).not.toContain('10.1.2.3/32');
    expect(closed).toContain('192.0.2.10/32');
    expect(closedRanges(['nonsense'])).toEqual(closedRanges([]));
  });
});

describe('ranges of addresses', () => {
  test.each([
    ['10.0.0.0/8', '10.255.0.0/16', true],
    ['10.0.0.0/8', '11.0.0.0/16', false],
    ['10.1.0.0/16', '10.0.0.0/8', false],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '2001:db8::1', true],
    ['2001:db8::/32', '2001:db8:ffff::', true],
    ['::ffff:0:0/96', '::ffff:1.2.3.4', true],
    ['2001:db8:0:0:0:0:0:1', '2001:db8::1', true],
  ])('%s contains %s: %s', (outer, inner, expected) => {
    expect(contains(parseRange(outer)!, parseRange(inner)!)).toBe(expected);
  });

  test.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['203.0.113.9', '203.0.113.9/32'],
    ['2001:DB8::1', '2001:db8::1/128'],
    ['2001:db8:0:0:1:0:0:0/64', '2001:db8::/64'],
    ['::/0', '::/0'],
    ['::1', '::1/128'],
    ['fe80::1/10', 'fe80::/10'],
    ['1:0:2:0:0:0:3:4', '1:0:2::3:4/128'],
  ])('%s is written %s', (text, expected) => {
    expect(formatRange(parseRange(text)!)).toBe(expected);
  });

  test.each([
    '',
    '10.0.0',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    'gggg::',
    '::/129',
    '1.2.3.4/-1',
  ])('%j is none', (text) => {
    expect(parseRange(text)).toBeUndefined();
  });
});

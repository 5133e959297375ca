import { expect, test } from '@jest/globals';
import {
  cgroupOf,
  isCgroupOf,
  linkOf,
  MAX_NETWORKS,
  MAX_NODES,
  machineAddress,
  nodeAddress,
  podSubnet,
} from './addresses.ts';

const places = Array.from({ length: MAX_NETWORKS * MAX_NODES }, (_, at) => ({
  network: 1 + Math.floor(at / MAX_NODES),
  index: 1 + (at % MAX_NODES),
}));

test.each([
  ['link', linkOf],
  ['address', nodeAddress],
  ['pods’ subnet', podSubnet],
  ['control group', cgroupOf],
])('no two nodes on a machine have the same %s', (_, of) => {
  expect(new Set(places.map(of)).size).toBe(places.length);
});

test('every address is one, and no node has this machine’s', () => {
  const address = /^10\.2\d\d\.(\d{1,3})\.(\d{1,3})$/;
  for (const place of places) {
    for (const one of [nodeAddress(place), podSubnet(place).replace('/24', '')]) {
      const [, third, fourth] = address.exec(one) ?? [];
      expect(Number(third)).toBeLessThan(255);
      expect(Number(fourth)).toBeLessThan(255);
    }
    expect(nodeAddress(place)).not.toBe(machineAddress(place.network));
  }
});

test('Linux takes the name of every link', () => {
  expect(Math.max(...places.map((place) => linkOf(place).length))).toBeLessThanOrEqual(15);
});

test('a federation knows its own control groups from those of another with a longer number', () => {
  const group = cgroupOf({ network: 12, index: 3 });
  expect(isCgroupOf(12, group)).toBe(true);
  expect(isCgroupOf(1, group)).toBe(false);
});

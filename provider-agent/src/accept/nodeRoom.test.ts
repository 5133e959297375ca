import { describe, expect, test } from '@jest/globals';
import { aWorkloadDocument } from '../testing/builders.ts';
import { missingRoom } from './nodeRoom.ts';

const small = { cpu: '16', memory: '64Gi', 'ephemeral-storage': '100Gi' };
const large = { cpu: '63500m', memory: '524288Mi', 'ephemeral-storage': '1Ti' };
const wide = { cpu: '128', memory: '32Gi', 'ephemeral-storage': '1Ti' };
const task = (cpu: string, memory = '1Gi', ephemeralStorage = '1Gi') =>
  aWorkloadDocument({ resources: { cpu, memory, ephemeralStorage, sharedMemory: '64Mi' } });

describe('whether a node could hold a task', () => {
  test.each([
    ['a small task', task('1'), [small], undefined],
    ['exactly what the larger one has', task('63.5', '512Gi', '1Ti'), [small, large], undefined],
    [
      'more cores and memory than any has',
      task('64', '513Gi'),
      [small, large],
      'resources.cpu 64, the largest node has 63500m; resources.memory 513Gi, the largest node has 524288Mi',
    ],
    [
      'what two nodes have, and no single one',
      task('100', '64Gi', '1Gi'),
      [large, wide],
      expect.stringContaining('resources.cpu 100, the largest node has 128; resources.memory 64Gi'),
    ],
    ['a node that states nothing', task('64'), [{}], undefined],
    ['no node at all, which others judge', task('64'), [], undefined],
  ])('%s', (_name, document, nodes, expected) => {
    expect(missingRoom(document, nodes)).toEqual(expected);
  });
});

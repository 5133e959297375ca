import { describe, expect, test } from '@jest/globals';
import { configMaps, jobs, namespaces } from './builtins.ts';
import { collectionPath, objectPath } from './paths.ts';

describe('paths', () => {
  test.each([
    [
      'core',
      objectPath(configMaps, { namespace: 'n', name: 'a' }),
      '/api/v1/namespaces/n/configmaps/a',
    ],
    ['grouped', collectionPath(jobs, 'n'), '/apis/batch/v1/namespaces/n/jobs'],
    ['all namespaces', collectionPath(jobs), '/apis/batch/v1/jobs'],
    [
      'cluster-wide',
      objectPath(namespaces, { name: 'n' }, 'status'),
      '/api/v1/namespaces/n/status',
    ],
    ['a hostile name', objectPath(namespaces, { name: '../x' }), '/api/v1/namespaces/..%2Fx'],
  ])('%s', (_, path, wanted) => expect(path).toBe(wanted));

  test('never address a collection where one object was meant', () => {
    expect(() => objectPath(namespaces, { name: '' })).toThrow('needs a name');
    expect(() => objectPath(configMaps, { name: 'a' })).toThrow('needs a namespace');
  });
});

import { expect, test } from '@jest/globals';
import { describeRequest } from './requestSpan.ts';

const server = new URL('https://10.0.0.1:6443');

test.each([
  ['/api/v1/namespaces/a/pods', 'POST pods', 'a', undefined],
  ['/api/v1/namespaces/a/pods/p/log', 'POST pods/log', 'a', 'p'],
  ['/api/v1/namespaces/a', 'POST namespaces', undefined, 'a'],
  ['/api/v1/nodes/n', 'POST nodes', undefined, 'n'],
  [
    '/apis/gridlease.dev/v1alpha1/namespaces/a/gpuleases/l/status',
    'POST gpuleases/status',
    'a',
    'l',
  ],
  ['/apis/gridlease.dev/v1alpha1/gpuproviders', 'POST gpuproviders', undefined, undefined],
  ['/livez', 'POST livez', undefined, undefined],
])('%s is told as %s', (path, name, namespace, object) => {
  const told = describeRequest({ method: 'POST', path }, server);
  expect(told.name).toBe(name);
  expect(told.attributes).toMatchObject({
    'k8s.namespace.name': namespace,
    'gridlease.object.name': object,
    'server.address': '10.0.0.1',
    'server.port': 6443,
  });
});

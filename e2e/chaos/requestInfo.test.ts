import { expect, test } from '@jest/globals';
import { type RequestInfo, requestInfoOf } from './requestInfo.ts';

const leases = { group: 'gridlease.dev', resource: 'gpuleases' };
const inA = { ...leases, namespace: 'a' };
const path = '/apis/gridlease.dev/v1alpha1/namespaces/a/gpuleases';

const cases: readonly (readonly [string, string, Partial<RequestInfo>])[] = [
  ['GET', '/version', { verb: 'other', resource: '' }],
  ['GET', '/apis/gridlease.dev/v1alpha1', { verb: 'other', resource: '' }],
  ['GET', '/apis/gridlease.dev/v1alpha1/gpuleases?limit=500', { ...leases, verb: 'list' }],
  ['GET', `${path}?watch=true`, { ...inA, verb: 'watch', streamsList: false }],
  ['GET', `${path}?watch=1&sendInitialEvents=true`, { ...inA, verb: 'watch', streamsList: true }],
  ['GET', `${path}/x`, { ...inA, verb: 'get', name: 'x' }],
  ['POST', path, { ...inA, verb: 'create' }],
  ['PUT', `${path}/x/status`, { ...inA, verb: 'update', name: 'x', subresource: 'status' }],
  ['PATCH', `${path}/x?force=true`, { ...inA, verb: 'patch', name: 'x' }],
  ['DELETE', `${path}/x`, { ...inA, verb: 'delete', name: 'x' }],
  ['DELETE', path, { ...inA, verb: 'deletecollection' }],
  ['GET', '/api/v1/namespaces', { verb: 'list', resource: 'namespaces', namespace: '' }],
  ['GET', '/api/v1/namespaces/a', { verb: 'get', resource: 'namespaces', name: 'a' }],
  [
    'PUT',
    '/api/v1/namespaces/a/finalize',
    { verb: 'update', resource: 'namespaces', name: 'a', subresource: 'finalize' },
  ],
  ['GET', '/api/v1/namespaces/a/pods', { verb: 'list', resource: 'pods', namespace: 'a' }],
];

test.each(cases)('%s %s is read as the API server reads it', (method, url, wanted) => {
  expect(requestInfoOf({ method, url, userAgent: 'me/1' })).toMatchObject({
    userAgent: 'me/1',
    ...wanted,
  });
});

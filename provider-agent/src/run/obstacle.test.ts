import { ApiError, ConnectionError } from '@gridlease/kube/apiError';
import { GridleaseError, TerminalError } from '@gridlease/kube/errors';
import { describe, expect, test } from '@jest/globals';
import { NoNodeError, obstacleInEvents, obstacleOf } from './obstacle.ts';

const refused = (status: number, reason: string, message: string) =>
  new ApiError({
    method: 'POST',
    path: '/apis/batch/v1/namespaces/t/jobs',
    status,
    body: JSON.stringify({ kind: 'Status', reason, message }),
  });

describe('what an error says about a lease', () => {
  test.each([
    ['an invalid object', refused(422, 'Invalid', 'except[1] is bad'), 'PodsRefused', true],
    ['Pod Security', refused(403, 'Forbidden', 'violates PodSecurity'), 'PodsRefused', false],
    ['a quota', refused(403, 'Forbidden', 'exceeded quota: gridlease'), 'QuotaExceeded', false],
    ['a namespace that is gone', refused(404, 'NotFound', 'namespaces "t"'), 'PodsRefused', false],
    ['a webhook', refused(400, 'BadRequest', 'denied the request'), 'PodsRefused', false],
    ['another’s object of its name', new TerminalError('is something else'), 'PodsRefused', true],
    ['a product without nodes', new NoNodeError('no node has a H100'), 'Unschedulable', false],
  ])('%s stands in its way', (_name, error, reason, final) => {
    expect(obstacleOf(error)).toMatchObject({ reason, final });
    expect(error.message).toContain(obstacleOf(error)!.message);
  });

  test.each([
    ['a lost connection', new ConnectionError('reset')],
    ['a lost race', refused(409, 'Conflict', 'modified')],
    ['too many requests', refused(429, 'TooManyRequests', 'wait')],
    ['an expired token', refused(401, 'Unauthorized', 'no')],
    ['a broken API server', refused(500, 'InternalError', 'etcd')],
    ['an object that is still going', new GridleaseError('still being deleted')],
    ['a mistake of ours', new TypeError('undefined')],
  ])('%s says nothing and is repeated', (_name, error) => {
    expect(obstacleOf(error)).toBeUndefined();
  });
});

describe('what a Job’s events say', () => {
  test('the newest one counts, whatever their order', () => {
    const events = [
      {
        note: 'Error creating: exceeded quota: gridlease',
        deprecatedLastTimestamp: '2026-01-01T00:00:09Z',
      },
      {
        note: 'Error creating: violates PodSecurity',
        deprecatedLastTimestamp: '2026-01-01T00:00:01Z',
      },
    ];
    expect(obstacleInEvents(events)).toEqual({
      reason: 'QuotaExceeded',
      message: 'Error creating: exceeded quota: gridlease',
      final: false,
    });
  });

  test('none is nothing', () => {
    expect(obstacleInEvents([])).toBeUndefined();
  });
});

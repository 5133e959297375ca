import { expect, test } from '@jest/globals';
import {
  difference,
  isListOrWatch,
  isWrite,
  parseRequestCounts,
  parseSentWrites,
  total,
} from './apiRequests.ts';

const request = (
  verb: string,
  resource: string,
  count: number,
  more = 'code="200",subresource=""',
) =>
  `apiserver_request_total{${more},component="apiserver",resource="${resource}",verb="${verb}"} ${count}`;

test('requests are summed over everything but verb, resource and subresource', () => {
  const metrics = [
    '# TYPE apiserver_request_total counter',
    request('POST', 'gpujobs', 3),
    request('POST', 'gpujobs', 2, 'code="409",subresource=""'),
    request('PUT', 'gpujobs', 4, 'code="200",subresource="status"'),
    'apiserver_request_total{code="200",resource="",subresource="/readyz",verb="GET"} 9',
    'apiserver_request_duration_seconds_sum{resource="gpujobs",verb="POST"} 1',
  ].join('\n');
  expect(parseRequestCounts(metrics)).toEqual({ 'POST gpujobs': 5, 'PUT gpujobs/status': 4 });
});

test('what happened in between is the difference, without what did not happen', () => {
  const before = { 'POST a': 1, 'GET b': 5 };
  expect(difference(before, { 'POST a': 4, 'GET b': 5, 'LIST c': 2 })).toEqual({
    'POST a': 3,
    'LIST c': 2,
  });
});

test('writes are told from reads, and reads of many from reads of one', () => {
  const counts = {
    'PATCH a': 1,
    'DELETE a': 2,
    'APPLY a': 4,
    'GET a': 8,
    'LIST a': 16,
    'WATCH a': 32,
  };
  expect(total(counts, isWrite)).toBe(7);
  expect(total(counts, (name) => !isListOrWatch(name))).toBe(15);
});

test('a program counts its writes by API server', () => {
  const metrics = [
    'rest_client_requests_total{code="201",method="POST",host="127.0.0.1:1"} 3',
    'rest_client_requests_total{code="409",method="PUT",host="127.0.0.1:1"} 1',
    'rest_client_requests_total{code="200",method="GET",host="127.0.0.1:1"} 7',
    'rest_client_requests_total{code="200",method="PATCH",host="127.0.0.1:2"} 2',
  ].join('\n');
  expect(parseSentWrites(metrics)).toEqual({ '127.0.0.1:1': 4, '127.0.0.1:2': 2 });
});

import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CreatedAttempts, createdAttempt } from './auditedPods.ts';
import { FileTail } from './fileTail.ts';

const event = (change: object = {}): string =>
  JSON.stringify({
    verb: 'create',
    objectRef: { resource: 'pods', namespace: 'team' },
    responseStatus: { code: 201 },
    requestObject: {
      metadata: {
        labels: {
          'gridlease.dev/job-uid': 'job',
          'gridlease.dev/index': '3',
          'gridlease.dev/epoch': '2',
        },
      },
    },
    ...change,
  });

describe('a line of an audit log', () => {
  test('names the attempt whose pod was created', () => {
    expect(createdAttempt(event())).toBe('job/3/2');
  });

  test.each([
    ['another verb', event({ verb: 'delete' })],
    ['a create that was refused', event({ responseStatus: { code: 409 } })],
    ['the binding of a pod', event({ objectRef: { resource: 'pods', subresource: 'binding' } })],
    ['a pod of somebody else', event({ requestObject: {} })],
    ['half a line, from a server that was killed', event().slice(0, -9)],
  ])('is nothing for %s', (_, line) => {
    expect(createdAttempt(line)).toBeUndefined();
  });
});

test('a second pod for one attempt is named', () => {
  const attempts = new CreatedAttempts();
  attempts.read([event()]);
  expect(attempts.problems()).toEqual([]);
  attempts.read([event()]);
  expect(attempts.problems()).toEqual([expect.stringContaining('2 pods were created for job/3/2')]);
  expect(attempts.countOf(['job'])).toBe(1);
});

test('a file is read on from where it was read to, in whole lines', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-tail-'));
  try {
    const file = join(dir, 'audit.log');
    const tail = new FileTail(file);
    expect(tail.lines()).toEqual([]);
    appendFileSync(file, 'one\ntwo\nthr');
    expect(tail.lines()).toEqual(['one', 'two']);
    appendFileSync(file, 'ee\n');
    expect(tail.lines()).toEqual(['three']);
    expect(tail.lines()).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

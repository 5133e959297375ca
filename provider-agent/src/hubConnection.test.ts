import { expect, test } from '@jest/globals';
import { firstToken } from './hubConnection.ts';

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const token = (minutes: number): string => {
  const seconds = nowMs / 1_000 + minutes * 60;
  const claims = { iat: seconds - 3_600, exp: seconds };
  return `head.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${minutes}`;
};
/** As a Secret of the type kubernetes.io/service-account-token holds it. */
const endless = `head.${Buffer.from(JSON.stringify({ iss: 'kubernetes' })).toString('base64url')}.x`;

test.each([
  ['none is kept', token(60), undefined, 'given'],
  ['the kept one lasts longer', token(10), token(40), 'kept'],
  ['the given one lasts longer', token(40), token(10), 'given'],
  ['the given one has ended and the kept one has not', token(-300), token(5), 'kept'],
  ['the given one has no end and the kept one lasts', endless, token(5), 'kept'],
  // A pod that was away for longer than an hour would otherwise never get in again.
  ['the given one has no end and the kept one has ended', endless, token(-1), 'given'],
  ['both have ended', token(-5), token(-1), 'given'],
])('the agent begins with the right token when %s', (_when, given, kept, expected) => {
  expect(firstToken(given, kept, nowMs)).toBe(expected === 'given' ? given : kept);
});

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** The whole body; rejects when it was cut off. */
export const contentOf = async (message: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of message as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
};

/** Without what belongs to the one connection, and without compression, so that lines can be read. */
export const onwardHeaders = (headers: IncomingHttpHeaders, body: Buffer) => {
  const { connection: _, 'transfer-encoding': _chunks, 'accept-encoding': _zip, ...rest } = headers;
  return { ...rest, ...(body.length > 0 && { 'content-length': String(body.length) }) };
};

const reasons = { 409: 'Conflict', 429: 'TooManyRequests', 500: 'InternalError' } as const;

/** A Status as an API server words it. */
export const refusalBody = (status: 409 | 429 | 500): string =>
  JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'the fault proxy says so',
    reason: reasons[status],
    code: status,
  });

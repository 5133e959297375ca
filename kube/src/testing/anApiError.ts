import { ApiError } from '../apiError.ts';

/** A refusal as the API server words it. */
export function anApiError(status: number, reason = '', retryAfterSeconds?: number): ApiError {
  const body = JSON.stringify({ kind: 'Status', reason, message: 'because' });
  return new ApiError({ method: 'PUT', path: '/x', status, body, retryAfterSeconds });
}

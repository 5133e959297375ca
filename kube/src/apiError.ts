import { GridleaseError, type Retry } from './errors.ts';

export type StatusCause = {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
};

/** metav1.Status, the body of every refusal. */
type StatusBody = {
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly causes?: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
};

export type ApiErrorOptions = {
  readonly method: string;
  readonly path: string;
  /** HTTP status. */
  readonly status: number;
  readonly body: string;
  readonly retryAfterSeconds?: number | undefined;
};

/** The API server answered, with a refusal. `reason` and `causes` are those of its Status object. */
export class ApiError extends GridleaseError {
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  readonly retryAfterSeconds: number | undefined;

  constructor(options: ApiErrorOptions) {
    const body = parseStatus(options.body);
    const reason = body?.reason ?? '';
    const after = options.retryAfterSeconds ?? body?.details?.retryAfterSeconds;
    const message = body?.message ?? options.body.slice(0, 200);
    super(`${options.method} ${options.path}: ${options.status} ${reason} ${message}`.trim(), {
      retry: retryFor(options.status, reason, after),
    });
    this.status = options.status;
    this.reason = reason;
    this.causes = body?.details?.causes ?? [];
    this.retryAfterSeconds = after;
  }

  /** The resourceVersion or UID given was not the current one; read again and repeat. */
  get isConflict(): boolean {
    return this.status === 409 && this.reason !== 'AlreadyExists';
  }
  get isAlreadyExists(): boolean {
    return this.status === 409 && this.reason === 'AlreadyExists';
  }
  get isNotFound(): boolean {
    return this.status === 404;
  }
  /** The resourceVersion asked for is compacted: list again. */
  get isGone(): boolean {
    return this.status === 410;
  }
  get isInvalid(): boolean {
    return this.status === 422;
  }
  get isForbidden(): boolean {
    return this.status === 403;
  }
  get isUnauthorized(): boolean {
    return this.status === 401;
  }
  get isTooManyRequests(): boolean {
    return this.status === 429;
  }
}

/** No answer came: a read may be repeated, the result of a write is unknown until it is read. */
export class ConnectionError extends GridleaseError {}

function parseStatus(body: string): StatusBody | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    // A proxy or load balancer in between answers in HTML or plain text.
    return undefined;
  }
}

function retryFor(status: number, reason: string, afterSeconds: number | undefined): Retry {
  if (afterSeconds !== undefined && (status === 429 || status >= 500)) return { afterSeconds };
  // The same bytes will be refused again: only a changed object or changed rights help. 403 is not
  // among these: rights are often granted moments after the program starts.
  if (status === 422 && reason === 'Invalid') return 'never';
  return 'backoff';
}

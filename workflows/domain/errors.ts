/**
 * All errors that leave the system, by code. `http/` turns a code into the body of API-01, `failures.ts` turns it into
 * an ApplicationFailure.
 */
export const errorTable = {
  invalid_body: { status: 422, retryable: false },
  invalid_rule: { status: 400, retryable: false },
  unauthenticated: { status: 401, retryable: false },
  payment_required: { status: 402, retryable: false },
  forbidden: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  conflict: { status: 409, retryable: false },
  too_large: { status: 413, retryable: false },
  rate_limited: { status: 429, retryable: true },
  internal: { status: 500, retryable: true },
  unavailable: { status: 503, retryable: true },

  // Used inside the workflows only: permanent refusals of an activity.
  fenced: { status: 409, retryable: false },
  budget_exceeded: { status: 402, retryable: false },
  sandbox_lost: { status: 503, retryable: false },
  repository: { status: 400, retryable: false },
  model_refused: { status: 502, retryable: false },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type ErrorCode = keyof typeof errorTable;

export interface FieldProblem {
  field: string;
  message: string;
}

/** An error with a message for its reader: what is wrong, and what to do. */
export class AppError extends Error {
  override readonly name = 'AppError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details?: Record<string, unknown> | FieldProblem[],
    /** Seconds after which a retry makes sense. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

/** The `not_found` error for a kind of record, such as "task". */
export const notFound = (what: string) => new AppError('not_found', `There is no such ${what}.`);

/**
 * A value that must be set in the state that the caller is in.
 * @param what names the value in the error, such as "the branch of the task".
 * @throws internal when the value is absent.
 */
export function present<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new AppError('internal', `Internal error: ${what} is missing.`);
  return value;
}

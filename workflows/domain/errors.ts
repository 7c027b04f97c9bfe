/**
 * All errors that leave the system, by code, with the HTTP status. `http/` turns a code into the body of API-01,
 * `failures.ts` turns it into an ApplicationFailure.
 */
export const errorStatus = {
  invalid_body: 422,
  invalid_rule: 400,
  unauthenticated: 401,
  account_inactive: 401,
  payment_required: 402,
  forbidden: 403,
  waitlist_pending: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  too_large: 413,
  unsupported_media: 415,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,

  // Used inside the workflows only: permanent refusals of an activity.
  fenced: 409,
  budget_exceeded: 402,
  sandbox_lost: 503,
  repository: 400,
  model_refused: 502,
} as const;

export type ErrorCode = keyof typeof errorStatus;

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

/** The error of a try of a step that a newer try has overtaken. */
export const fenced = () =>
  new AppError('fenced', 'A newer try of this work has taken the run, so this one has changed nothing and stops.');

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

import type { ErrorRequestHandler, Response } from 'express';
import type { Log } from '#activities/ports/services.ts';
import { RepositoryError } from '#activities/ports/repositories.ts';
import { AppError, errorStatus, type FieldProblem } from '#workflows/domain/errors.ts';
import { changeTexts, cutStart } from '#workflows/domain/text.ts';
import type { z } from 'zod';
import { isValueError } from './value-errors.ts';

/** The problems that a schema found: each field, with the value that is expected. */
function fieldProblems(error: z.ZodError, part: string): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    const at = issue.path.join('.');
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ field: at ? `${at}.${key}` : key, message: 'is not a known field' }));
    return [{ field: at || part, message: issue.message }];
  });
}

export function invalidBody(error: z.ZodError, part: string): AppError {
  const problems = fieldProblems(error, part);
  return new AppError(
    'invalid_body',
    `The ${part} is not valid: ${problems
      .map((p) => `${p.field} ${p.message}`)
      .slice(0, 3)
      .join('; ')}.`,
    problems,
  );
}

const repositoryStatus: Partial<Record<RepositoryError['code'], 'conflict' | 'invalid_rule' | 'unavailable'>> = {
  dirty: 'conflict',
  moved: 'conflict',
  not_fast_forward: 'conflict',
  unrelated: 'conflict',
  push_refused: 'conflict',
  locked: 'conflict',
  refused: 'conflict',
  git_failed: 'unavailable',
  unreachable: 'invalid_rule',
};

function toAppError(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (error instanceof RepositoryError)
    return new AppError(repositoryStatus[error.code] ?? 'invalid_rule', error.message, { reason: error.code });
  return undefined;
}

/** An error may repeat a value of the request. */
const maxText = 2000;
const shortened = <T>(body: T): T =>
  changeTexts(body, (text) => (text.length > maxText ? `${cutStart(text, maxText)}…` : text));

/** API-01: the body of an error. */
export const errorBodyOf = ({ code, message, details }: AppError) =>
  shortened({ error: code, message, ...(details ? { details } : {}) });

export function sendError(res: Response, error: AppError): void {
  if (error.retryAfter !== undefined) res.setHeader('Retry-After', String(Math.ceil(error.retryAfter)));
  res.status(errorStatus[error.code]).json(errorBodyOf(error));
}

/** The request that failed, for the log and for a report. */
interface FailedRequest {
  path: string;
  request_id: string;
}

/** What a failure of a request is for its caller. What is our own fault is logged, and never shown. */
export function describeFailure(log: Log, error: unknown, { path, request_id }: FailedRequest): AppError {
  const known = toAppError(error);
  if (known) return known;
  const { type, status } = error as { type?: string; status?: number };
  if (type === 'entity.parse.failed')
    return new AppError('invalid_body', 'The body is not valid JSON.', [
      { field: 'body', message: (error as Error).message },
    ]);
  if (error instanceof URIError)
    return new AppError('invalid_body', 'The path is not valid: it is not UTF-8. Encode it in UTF-8.', [
      { field: 'path', message: 'is not valid UTF-8; encode the text in UTF-8' },
    ]);
  if (type === 'entity.too.large') return new AppError('too_large', 'The body is larger than 1 MB.');
  if (status === 415) return new AppError('unsupported_media', `${(error as Error).message}. Send JSON in UTF-8.`);
  if (status && status >= 400 && status < 500) return new AppError('invalid_body', (error as Error).message);
  if (isValueError(error)) {
    // The contract should have refused the value, so the log names the fault.
    log.warn({ err: error, path }, 'the database refused a value of a request');
    return new AppError(
      'invalid_body',
      'A value of the request is malformed or out of range. Compare the request with its description at /docs.',
    );
  }
  log.error({ err: error, path }, 'a request failed');
  return new AppError('internal', `Internal error. Report it with the request id ${request_id}.`);
}

/** The final error handler: answers with an error body that never contains a stack trace. */
export function errorHandler(log: Log): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) return next(error);
    sendError(res, describeFailure(log, error, { path: req.path, request_id: String(res.locals.request_id) }));
  };
}

import type { FoundModel } from '#workflows/domain/agent/models.ts';
import type { StrictRequest } from './request.ts';

export interface Refusal {
  status: number;
  type: string;
  message: string;
}

export interface Account {
  id: string;
  /** Accounts from 2026-08-31 refuse thinking behind a changed prefix. ISO date. */
  created: string;
}

/** A rule of the wire: gives the message of its refusal. Its status is 400 unless `refuse` says otherwise. */
export interface Rule {
  name: string;
  check(request: StrictRequest, model: FoundModel, account: Account): string | undefined;
}

const typeOf: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  413: 'request_too_large',
};

export const refusal = (status: number, message: string): Refusal => ({
  status,
  type: typeOf[status] ?? 'api_error',
  message,
});

/** The first message of a list of findings. */
export const firstOf = (found: Iterable<string | undefined | false>): string | undefined => {
  for (const message of found) if (message) return message;
  return undefined;
};

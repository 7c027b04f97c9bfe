import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { AppError } from '#workflows/domain/errors.ts';
import { cutStart } from '#workflows/domain/text.ts';
import { OutgoingRefused } from '../../ports/outgoing.ts';
import { McpFailure, type FailureFacts } from '../../ports/mcp.ts';

/** It says so itself, or never got the call. */
const neverRan: FailureFacts = { passes: true, may_have_run: false, counts: true };
const unclear: FailureFacts = { passes: true, may_have_run: true, counts: true };
/** It answered: a repeated call would get the same answer. */
const answered: FailureFacts = { passes: false, may_have_run: false, counts: false };

/** Errors of a connection that was never made. */
const neverConnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const connectTimeout = 'UND_ERR_CONNECT_TIMEOUT';

/** The error itself and what caused it, the outermost first. */
function* causes(error: unknown): Generator<unknown> {
  for (let at = error; at; at = (at as { cause?: unknown }).cause) yield at;
}

const short = (text: string) => cutStart(text.replace(/\s+/g, ' ').trim(), 300).replace(/[.\s]*$/, '.');

function factsOfStatus(status: number): FailureFacts {
  if (status === 429 || status === 503) return neverRan;
  if (status >= 500) return unclear;
  return answered;
}

/** What an error of a call means for it. @param seconds that the call had. */
export function toFailure(error: unknown, seconds: number): McpFailure {
  if (error instanceof McpFailure) return error;
  for (const at of causes(error)) {
    if (at instanceof OutgoingRefused) return new McpFailure(at.message, answered, error);
    if (at instanceof AppError && at.code === 'too_large')
      return new McpFailure(`The server answers too much. ${at.message}`, { ...unclear, passes: false }, error);
    if (at instanceof StreamableHTTPError)
      return new McpFailure(
        `The server answers ${at.code ?? 'something else than the protocol says'}.`,
        at.code ? factsOfStatus(at.code) : unclear,
        error,
      );
    if (at instanceof McpError) {
      // Its codes for what the client itself noticed; all others are answers of the server.
      if (at.code === Number(ErrorCode.RequestTimeout)) return timedOut(error, seconds);
      if (at.code === Number(ErrorCode.ConnectionClosed))
        return new McpFailure('The connection ended before the answer.', unclear, error);
      return new McpFailure(`The server refuses the call: ${short(at.message)}`, answered, error);
    }
    const { code, name } = at as { code?: unknown; name?: unknown };
    if (name === 'TimeoutError' || name === 'AbortError') return timedOut(error, seconds);
    if (typeof code === 'string' && (neverConnected.has(code) || code === connectTimeout))
      return new McpFailure(`The server cannot be reached (${code}).`, neverRan, error);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new McpFailure(`The connection broke: ${short(message)}`, unclear, error);
}

const timedOut = (cause: unknown, seconds: number) =>
  new McpFailure(`The server gave no answer within ${seconds} s (timeout).`, unclear, cause);

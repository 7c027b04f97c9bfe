import { AppError } from '#workflows/domain/errors.ts';
import { cutStart } from '#workflows/domain/text.ts';

/** Seconds to wait where Daytona's limit names none. */
const limitSeconds = 30;

/** The parts of a failed request that are read. The request itself is left out: it holds the key. */
interface Failed {
  code?: string;
  response?: { status: number; data?: unknown; headers?: Record<string, unknown> };
}

const isFailed = (error: unknown): error is Failed =>
  typeof error === 'object' && error !== null && 'isAxiosError' in error;

/** Daytona's answer to a request that failed; undefined for an error of another kind. */
export const statusOf = (error: unknown): number | undefined =>
  isFailed(error) ? (error.response?.status ?? 0) : undefined;

/** Daytona's reason, in one line of at most 300 characters. */
function reasonOf({ response }: Failed): string {
  const data = response?.data as { message?: unknown; error?: unknown } | undefined;
  const said = [data?.message, data?.error].flat().find((one) => typeof one === 'string') ?? '';
  return cutStart(String(said).replaceAll(/\s+/g, ' ').trim(), 300);
}

/** The error of a request for its reader. A limit, a missing answer and a fault of Daytona's pass: the step waits. */
export function problemOf(error: unknown, what: string): unknown {
  if (!isFailed(error)) return error;
  const { response, code } = error;
  const reason = reasonOf(error);
  if (!response) return new AppError('unavailable', `Daytona does not answer: ${what}${code ? ` (${code})` : ''}.`);
  const { status } = response;
  if (status === 429) {
    const after = Number(response.headers?.['retry-after']);
    const wait = Number.isFinite(after) && after > 0 ? after : limitSeconds;
    return new AppError(
      'rate_limited',
      `Daytona takes no more requests for ${wait} s, then the work goes on.`,
      {},
      wait,
    );
  }
  if (status >= 500 || status === 408)
    return new AppError('unavailable', `Daytona failed: ${what} (${status}${reason ? `: ${reason}` : ''}).`);
  // The state of the sandbox does not allow it now: another change of it is under way.
  if (status === 409)
    return new AppError('unavailable', `Daytona is changing the sandbox: ${what}${reason ? `: ${reason}` : ''}.`);
  if (status === 401) return new AppError('invalid_rule', 'Daytona refuses the key. Set a valid DAYTONA_API_KEY.');
  // Its quotas are for all sandboxes of an organization together: one that ends makes room.
  if (/quota|limit exceeded|maximum/i.test(reason))
    return new AppError('unavailable', `Daytona has no room: ${what}: ${reason}`);
  return new AppError('invalid_rule', `Daytona refuses: ${what} (${status}${reason ? `: ${reason}` : ''}).`);
}

import { ApiError } from '#server/contracts/client.ts';

/** The newer version of a spec that refused an edit of an older one; undefined for any other error. */
export function staleVersion(error: unknown): number | undefined {
  const details =
    error instanceof ApiError ? (error.details as { reason?: string; version?: number } | undefined) : undefined;
  return details?.reason === 'stale' ? details.version : undefined;
}

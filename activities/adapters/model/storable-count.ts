/** More tokens than any request has. */
const maxTokens = 10_000_000;

/**
 * A count as it can be stored: a proxy may send fractions, text or nonsense, and a turn whose count is refused would be
 * paid for again.
 */
export function storableCount(count: unknown): number | undefined {
  const value = typeof count === 'string' && count.trim() !== '' ? Number(count) : count;
  if (typeof value !== 'number' || Number.isNaN(value)) return undefined;
  return Math.min(Math.max(Math.round(value), 0), maxTokens);
}

import type { Services } from '../ports/services.ts';

/** Milliseconds that a call waits for its permit. Whoever asks for a value or a summary has a fallback. */
const maxWaitMs = 300_000;

/**
 * Reserves money and asks the model while the call has a permit of its provider.
 * @returns undefined where none was free in time.
 */
export async function withPermit<T>(
  permits: Pick<Services['permits'], 'take'>,
  call: { id: string; provider: string; organization_id: string },
  signal: AbortSignal | undefined,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  const permit = await permits.take(call, {
    signal: signal ?? new AbortController().signal,
    leave: AbortSignal.timeout(maxWaitMs),
  });
  try {
    return permit && (await ask());
  } finally {
    permit?.give();
  }
}

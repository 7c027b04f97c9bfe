/**
 * A signal that is aborted after `ms`, or as soon as one of the others is. `AbortSignal.any` does not do: Node 20 forgets
 * a timeout that nothing but the combined signal holds, and whoever waits for it waits for ever.
 * @returns `end` stops the clock once the work has ended.
 */
export function timeLimit(ms: number, ...others: (AbortSignal | undefined)[]): { signal: AbortSignal; end(): void } {
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new DOMException(`It was aborted after ${ms / 1000} s.`, 'TimeoutError')),
    ms,
  );
  timer.unref();
  const end = () => {
    clearTimeout(timer);
    for (const other of others) other?.removeEventListener('abort', follow);
  };
  function follow(this: AbortSignal) {
    end();
    limit.abort(this.reason);
  }
  for (const other of others) {
    if (other?.aborted) follow.call(other);
    else other?.addEventListener('abort', follow, { once: true });
  }
  return { signal: limit.signal, end };
}

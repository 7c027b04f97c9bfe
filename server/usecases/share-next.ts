/**
 * Lets calls with the same key share one. A call that comes while another is under way waits for its end and shares the one
 * after it with all others that wait: each caller's answer follows a call that began after they came. For calls that only say
 * that something has changed, and whose reader then looks at how it is.
 */
export function shareNext(): (key: string, call: () => Promise<void>) => Promise<void> {
  const running = new Map<string, Promise<void>>();
  const next = new Map<string, Promise<void>>();
  return (key, call) => {
    const begin = (): Promise<void> => {
      next.delete(key);
      const made = call().finally(() => {
        if (running.get(key) === made) running.delete(key);
      });
      running.set(key, made);
      return made;
    };
    const before = running.get(key);
    if (!before) return begin();
    const shared = next.get(key) ?? before.then(begin, begin);
    next.set(key, shared);
    return shared;
  };
}

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

const near = 200;
const distance = () => document.documentElement.scrollHeight - window.innerHeight - window.scrollY;

/**
 * Keeps the end of the page in view while items arrive, unless the user has scrolled up. `count`: the number of items;
 * `growth`: any value that changes when the page grows. Returns the number of unseen items.
 */
export function useStickToBottom(count: number, growth: unknown, active: boolean) {
  const sticking = useRef(true);
  const seen = useRef(count);
  const [unseen, setUnseen] = useState(0);
  const toBottom = useCallback(() => window.scrollTo({ top: document.documentElement.scrollHeight }), []);
  useEffect(() => {
    sticking.current = distance() < near;
    const scrolled = () => {
      sticking.current = distance() < near;
      if (sticking.current) setUnseen(0);
    };
    window.addEventListener('scroll', scrolled, { passive: true });
    return () => window.removeEventListener('scroll', scrolled);
  }, []);
  useLayoutEffect(() => {
    if (!active) return;
    if (sticking.current) {
      seen.current = count;
      toBottom();
    } else setUnseen(Math.max(0, count - seen.current));
  }, [count, growth, active, toBottom]);
  return { unseen, toBottom };
}

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

const near = 200;
const distance = () => document.documentElement.scrollHeight - window.innerHeight - window.scrollY;

/**
 * Keeps the end of the page in view while new things come, unless somebody has scrolled up to read.
 * `count`: how much there is; `growth`: anything that makes the page longer. Returns how many came unseen.
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

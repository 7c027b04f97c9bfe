import { useNavigate } from '@remix-run/react';
import { useEffect, useRef } from 'react';
import { sections } from './navigation.ts';

/** A key pressed in a field is text, not a shortcut. */
const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));

/** Control or Command K opens the palette; `g`, then a section's key, opens the section. */
export function useShortcuts(openPalette: () => void): void {
  const navigate = useNavigate();
  const open = useRef(openPalette);
  open.current = openPalette;
  useEffect(() => {
    let afterG = 0;
    const pressed = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        open.current();
        return;
      }
      if (
        event.metaKey ||
        event.ctrlKey ||
        event.altKey ||
        isTyping(event.target) ||
        document.querySelector('dialog[open]')
      )
        return;
      if (event.key === 'g') {
        afterG = Date.now();
        return;
      }
      const section = sections.find(({ key }) => key === event.key);
      if (section && Date.now() - afterG < 1000) {
        event.preventDefault();
        navigate(section.to);
      }
      afterG = 0;
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [navigate]);
}

/** Runs an action on a single key press outside fields and dialogs. */
export function useKey(key: string, action: (() => void) | undefined): void {
  const current = useRef(action);
  current.current = action;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (
        event.key !== key ||
        event.metaKey ||
        event.ctrlKey ||
        event.altKey ||
        isTyping(event.target) ||
        document.querySelector('dialog[open]') ||
        !current.current
      )
        return;
      event.preventDefault();
      current.current();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [key]);
}

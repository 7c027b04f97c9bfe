import { useNavigate } from '@remix-run/react';
import { useEffect, useRef } from 'react';
import { usePreference } from '../../lib/use-preference.ts';
import { sections } from './navigation.ts';
import { stepTo } from './step-to.ts';

/** A key pressed in a field is text, not a shortcut. */
const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));

/** A key pressed while a window lies over the page belongs to that window. */
const isCovered = () => document.querySelector('[role=dialog], [role=alertdialog], [role=menu]') !== null;

const isSingle = (event: KeyboardEvent) =>
  !event.metaKey && !event.ctrlKey && !event.altKey && !isTyping(event.target) && !isCovered();

function useKeys(pressed: (event: KeyboardEvent) => void): void {
  const current = useRef(pressed);
  current.current = pressed;
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if (!event.defaultPrevented) current.current(event);
    };
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}

/** The keys that every page has. `shell/navigation.ts` lists them for people. */
export function useShortcuts({
  openPalette,
  openHelp,
  togglePanel,
}: {
  openPalette: () => void;
  openHelp: () => void;
  togglePanel: () => void;
}): void {
  const navigate = useNavigate();
  const [single] = usePreference('keys');
  const afterG = useRef(0);
  useKeys((event) => {
    const key = event.key.toLowerCase();
    if ((event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey && (key === 'k' || key === 'b')) {
      event.preventDefault();
      if (isCovered()) return;
      return key === 'k' ? openPalette() : togglePanel();
    }
    if (single === 'off' || !isSingle(event)) return;
    const section = Date.now() - afterG.current < 1000 && sections.find((one) => one.key === event.key);
    afterG.current = event.key === 'g' ? Date.now() : 0;
    const search = () => {
      const field = document.querySelector<HTMLElement>('#content input[type=search]');
      if (field) field.focus();
      else openPalette();
    };
    const action = section
      ? () => navigate(section.to)
      : { '?': openHelp, '/': search, ...stepTo(document) }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** Runs an action on a single key press outside fields and dialogs. */
export function useKey(key: string, action: (() => void) | undefined): void {
  const [single] = usePreference('keys');
  useKeys((event) => {
    if (single === 'off' || event.key !== key || !action || !isSingle(event)) return;
    event.preventDefault();
    action();
  });
}

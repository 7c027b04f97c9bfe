import { useEffect, useRef } from 'react';
import { listInbox } from '#server/contracts/inbox.ts';
import { call } from '../../lib/browser-api.ts';
import { usePreference } from '../../lib/use-preference.ts';

/** Shows a notice of the browser when more waits for the person than before, while they look elsewhere. */
export function BrowserNotices({ waiting }: { waiting: number }) {
  const [wanted] = usePreference('notices');
  const before = useRef(waiting);
  useEffect(() => {
    const more = waiting > before.current;
    before.current = waiting;
    if (!more || wanted !== 'on' || !document.hidden) return;
    if (!('Notification' in window) || Notification.permission !== 'granted') return;
    void call(listInbox, { query: {} }).then(({ items }) => {
      const newest = items.toSorted((a, b) => b.since.localeCompare(a.since))[0];
      if (!newest) return;
      const notice = new Notification(newest.title, { body: newest.reason, tag: newest.id });
      notice.onclick = () => {
        window.focus();
        window.location.assign(newest.link);
      };
    });
  }, [waiting, wanted]);
  return null;
}

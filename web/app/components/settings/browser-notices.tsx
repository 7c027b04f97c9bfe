import { useEffect, useState } from 'react';
import { usePreference } from '../../lib/use-preference.ts';
import { Card } from '../card.tsx';
import { Switch } from '../field.tsx';

/** Notices of this browser, while a page is open. */
export function BrowserNotices() {
  const [wanted, choose] = usePreference('notices');
  const [permission, setPermission] = useState<NotificationPermission | 'none'>('none');
  useEffect(() => setPermission('Notification' in window ? Notification.permission : 'none'), []);
  return (
    <Card title="This browser">
      <Switch
        label="Show a notice when something waits for me, while a page is open"
        checked={wanted === 'on' && permission === 'granted'}
        disabled={permission === 'none' || permission === 'denied'}
        onChange={async (event) => {
          if (!event.target.checked) return choose('off');
          const answer = await Notification.requestPermission();
          setPermission(answer);
          if (answer === 'granted') choose('on');
        }}
      />
      {permission === 'denied' && (
        <p className="mt-2 text-xs text-muted">
          The browser refuses notices of this site. Allow them in its settings for the site first.
        </p>
      )}
    </Card>
  );
}

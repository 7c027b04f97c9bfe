import { Dot } from '../badge.tsx';
import { useConnection } from '../../lib/live.tsx';
import type { ConnectionState } from '../../lib/live-feed.ts';
import type { Tone } from '../../lib/status.ts';

const labels: Record<ConnectionState, { label: string; tone: Tone; title: string }> = {
  connecting: { label: 'Connecting', tone: 'neutral', title: 'Opening the live feed' },
  live: { label: 'Live', tone: 'good', title: 'The page updates live' },
  reconnecting: {
    label: 'Reconnecting',
    tone: 'warn',
    title: 'The connection was lost. Reconnecting; no event will be missed',
  },
  offline: { label: 'Offline', tone: 'bad', title: 'This computer is offline' },
};

export function ConnectionStatus() {
  const connection = useConnection();
  const { label, tone, title } = labels[connection];
  return (
    <span
      role="status"
      title={title}
      data-connection={connection}
      className="inline-flex h-6 items-center gap-1.5 px-1 text-xs text-muted"
    >
      <Dot tone={tone} pulse={connection === 'reconnecting' || connection === 'connecting'} />
      {label}
    </span>
  );
}

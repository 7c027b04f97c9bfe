import { useConnection } from '../../lib/live.tsx';
import type { ConnectionState } from '../../lib/live-feed.ts';
import { statusOf } from '../../lib/status.ts';
import { Dot } from '../badge.tsx';

const words: Record<ConnectionState, string> = {
  connecting: 'Opening the live feed',
  live: 'The page updates live',
  reconnecting: 'The connection was lost. Reconnecting; no event will be missed',
  offline: 'This computer is offline',
};

export function ConnectionStatus() {
  const connection = useConnection();
  const { label, tone } = statusOf(connection);
  return (
    <span
      role="status"
      title={words[connection]}
      data-connection={connection}
      className="inline-flex h-6 items-center gap-1.5 px-1 text-xs text-muted"
    >
      <Dot tone={tone} pulse={connection === 'reconnecting' || connection === 'connecting'} />
      {label}
    </span>
  );
}

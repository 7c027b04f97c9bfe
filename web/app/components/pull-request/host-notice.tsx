import type { PullPage } from '../../lib/pull-page.server.ts';
import { hostName } from '../../lib/format.ts';
import { Notice } from '../card.tsx';
import { Ago } from '../time.tsx';

/** What the code host waits for before it merges, and why it has no draft. */
export function HostNotice({ pull: { draft, merge, provider } }: { pull: PullPage['pull'] }) {
  return (
    <>
      {merge && (
        <Notice tone={merge.ended === undefined ? 'info' : 'warn'}>
          {merge.ended === undefined ? (
            <>
              {merge.waits_for}{' '}
              <span className="text-muted">
                {merge.by} merged it <Ago at={merge.since} />; {hostName(provider)} carries it out.
              </span>
            </>
          ) : (
            <>
              The merge that waited at {hostName(provider)} was ended. {merge.ended}
            </>
          )}
        </Notice>
      )}
      {draft?.state === 'refused' && <Notice tone="info">{draft.note}</Notice>}
    </>
  );
}

import { isStopped, type NightTerms } from '#workflows/domain/agent/night-terms.ts';
import type { Waker } from '#workflows/domain/notifications/kinds.ts';
import { duration, money } from '../../lib/format.ts';
import { useNow } from '../../lib/now.ts';
import { Badge } from '../badge.tsx';
import { Card, Stat } from '../card.tsx';
import { Clock, Exact } from '../time.tsx';

export const wakerNames: Record<Waker, string> = {
  failure: 'Something fails',
  gate: 'A gate waits',
  question: 'An agent asks',
  budget: 'The money is spent',
  done: 'The pull request is open',
};

/** Whether a run has stopped since the night of its spec is over: the spec is resumed, and the run with it. */
export const stoppedWithSpec = (run: { spec_id: string | null; status: string; night: NightTerms | null }): boolean =>
  run.spec_id !== null && run.status === 'paused' && isStopped(run.night, new Date());

/** Until when work goes on without people, and what is left; or that it has stopped for that. */
export function NightBadge({ night, paused }: { night: NightTerms | null; paused: boolean }) {
  const now = useNow();
  if (!night?.stop_at) return null;
  const until = <Clock at={night.stop_at} />;
  if (!isStopped(night, new Date(now)))
    return (
      <Badge tone="info" title="The launch says that no turn begins after it.">
        Stops at {until}, <span className="figures">{duration(Date.parse(night.stop_at) - now)}</span> left
      </Badge>
    );
  return paused ? (
    <Badge tone="warn" title="Resume it to go on without this end.">
      Stopped for the night at {until}
    </Badge>
  ) : (
    <Badge tone="warn" title="The launch says that no turn begins after it.">
      Stops now: its night ended at {until}
    </Badge>
  );
}

/** What a launch says for the night. */
export function NightCard({ night, level }: { night: NightTerms | null; level?: 3 }) {
  if (!night || Object.keys(night).length === 0) return null;
  const { stop_at: until, raise_usd: raise, forbidden_paths: paths = [], wake_me: told = [] } = night;
  return (
    <Card title="Night" level={level}>
      <dl className="space-y-3">
        {until && (
          <Stat name="No turn begins after" wrap>
            <Exact at={until} />
          </Stat>
        )}
        {raise !== undefined && (
          <Stat name="Limit of each run" wrap>
            {raise > 0 ? `Raised by ${money(raise * 1e6)} once a night` : 'Not raised: it waits for a person'}
          </Stat>
        )}
        {paths.length > 0 && (
          <Stat name="Files that no agent changes" wrap>
            <ul className="figures text-xs break-all">
              {paths.map((path) => (
                <li key={path}>{path}</li>
              ))}
            </ul>
          </Stat>
        )}
        {told.length > 0 && (
          <Stat name="Told at once" wrap>
            {told.map((waker) => wakerNames[waker]).join(', ')}
          </Stat>
        )}
      </dl>
    </Card>
  );
}

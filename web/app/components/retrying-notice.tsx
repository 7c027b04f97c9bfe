import type { Retrying } from '#workflows/domain/retrying.ts';
import { Notice } from './card.tsx';
import { Clock } from './time.tsx';

/** A step that failed and is tried again: which, why, and when. */
export function RetryingNotice({ retrying }: { retrying: Retrying | null }) {
  if (!retrying) return null;
  return (
    <Notice tone="warn">
      <span className="break-words">
        The step {retrying.step} failed and is tried again: {retrying.error}
      </span>{' '}
      <span className="text-muted">
        Try {retrying.attempt} at <Clock at={retrying.next_try_at} />
      </span>
    </Notice>
  );
}

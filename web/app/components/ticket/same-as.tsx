import { TextLink } from '../text-link.tsx';
import type { TicketDetails } from '../../lib/ticket-details.server.ts';

/** The ticket that this one was merged into, or is a duplicate of. */
export const SameAs = ({ other }: { other: NonNullable<TicketDetails['other']> }) => (
  <p className="text-sm">
    {other.merged ? 'Merged into' : 'Duplicate of'}{' '}
    <TextLink to={`/tickets/${other.id}`} aria-label={`${other.key}: ${other.title}`}>
      {other.key}
    </TextLink>
  </p>
);

import { linkDuplicate } from '#server/contracts/ticket-duplicates.ts';
import type { TicketDetails } from '../../lib/ticket-details.server.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { TextLink } from '../text-link.tsx';

/** The ticket that this one was merged into, or is a duplicate of. */
export function SameAs({ ticket, other }: { ticket: { id: string }; other: NonNullable<TicketDetails['other']> }) {
  const unlink = useCommand(linkDuplicate);
  const lacks = useLacks('ticket:write');
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm">
      <span>
        {other.merged ? 'Merged into' : 'Duplicate of'}{' '}
        <TextLink to={`/tickets/${other.id}`} aria-label={`${other.key}: ${other.title}`}>
          {other.key}
        </TextLink>
      </span>
      {!other.merged && (
        <Button
          size="sm"
          busy={unlink.busy}
          because={lacks}
          onClick={() => void unlink.run({ params: { id: ticket.id }, body: { of: null } })}
        >
          Take the link away
        </Button>
      )}
      <CommandError error={unlink.error} />
    </div>
  );
}

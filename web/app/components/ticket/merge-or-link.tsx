import { useState } from 'react';
import type { Answer } from '#server/contracts/client.ts';
import { linkDuplicate, mergeTicket, previewMerge } from '#server/contracts/ticket-duplicates.ts';
import { asApiError, call } from '../../lib/browser-api.ts';
import type { TicketDetails } from '../../lib/ticket-details.server.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useSimilarTickets } from '../../lib/use-similar-tickets.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { Prose } from '../markdown.tsx';
import { useToast } from '../toast.tsx';
import { FindTickets } from './find-tickets.tsx';

type Ticket = TicketDetails['ticket'];
/** Another ticket that a person chose, with what a merge into it would do or why there can be none. */
type Chosen = { id: string; name: string } & (
  | { merge: Answer<typeof previewMerge>; refused?: undefined }
  | { merge?: undefined; refused: ReturnType<typeof asApiError> }
);

/** For a ticket that says the same as another one of its project: it becomes a part of that, or names it. */
export function MergeOrLink({ ticket }: { ticket: Ticket }) {
  const [open, setOpen] = useState(false);
  const lacks = useLacks('ticket:write');
  return (
    <>
      <Button size="sm" because={lacks} onClick={() => setOpen(true)}>
        Merge or link
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={`Which ticket says the same as ${ticket.key}?`} wide>
        <Choice ticket={ticket} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Choice({ ticket, onDone }: { ticket: Ticket; onDone: () => void }) {
  const [chosen, setChosen] = useState<Chosen>();
  const similar = useSimilarTickets(ticket.project_id, ticket.title, ticket.description).filter(
    ({ ticket_id }) => ticket_id !== ticket.id,
  );
  const choose = async (id: string, name: string) => {
    try {
      const merge = await call(previewMerge, { params: { id: ticket.id }, query: { into: id } });
      setChosen({ id, name, merge });
    } catch (error) {
      setChosen({ id, name, refused: asApiError(error) });
    }
  };
  if (chosen) return <Order ticket={ticket} chosen={chosen} onBack={() => setChosen(undefined)} onDone={onDone} />;
  return (
    <div className="space-y-3 text-sm">
      {similar.length > 0 && (
        <ul aria-label="Nearly the same" className="space-y-2">
          {similar.map((one) => (
            <li key={one.ticket_id} className="flex items-center gap-2">
              <span className="min-w-0 flex-1 break-words">{one.title}</span>
              <Button
                size="sm"
                aria-label={`Choose ${one.title}`}
                onClick={() => void choose(one.ticket_id, one.title)}
              >
                Choose
              </Button>
            </li>
          ))}
        </ul>
      )}
      <FindTickets
        projectId={ticket.project_id}
        label="The other ticket"
        without={({ id }) => id === ticket.id || similar.some((one) => one.ticket_id === id)}
        action={({ id, key, title }) => (
          <Button size="sm" aria-label={`Choose ${key}`} onClick={() => void choose(id, `${key} ${title}`)}>
            Choose
          </Button>
        )}
      />
    </div>
  );
}

/** What would happen to the two tickets, and the orders. */
function Order({
  ticket,
  chosen,
  onBack,
  onDone,
}: {
  ticket: Ticket;
  chosen: Chosen;
  onBack: () => void;
  onDone: () => void;
}) {
  const toast = useToast();
  const [merge, link] = [useCommand(mergeTicket), useCommand(linkDuplicate)];
  const params = { id: ticket.id };
  const key = chosen.merge?.into.key ?? chosen.name;
  const mergeNow = async () => {
    if (!(await merge.run({ params, body: { into: chosen.id } }))) return;
    toast(`${ticket.key} is a part of ${key}.`);
    onDone();
  };
  const linkNow = async () => {
    if (!(await link.run({ params, body: { of: chosen.id } }))) return;
    toast(`${ticket.key} is a duplicate of ${key}.`);
    onDone();
  };
  return (
    <div className="space-y-4 text-sm">
      <p className="font-medium break-words">
        {chosen.merge ? `${chosen.merge.into.key} ${chosen.merge.into.title}` : chosen.name}
      </p>
      <section aria-label="Merge" className="space-y-2">
        {chosen.merge ? (
          <>
            <MergeWords ticket={ticket} into={key} merge={chosen.merge} />
            <Button look="danger" size="sm" busy={merge.busy} onClick={() => void mergeNow()}>
              Merge {ticket.key} into {key}
            </Button>
          </>
        ) : (
          <p>They cannot be merged now:</p>
        )}
        <CommandError error={chosen.refused ?? merge.error} />
      </section>
      <section aria-label="Link" className="space-y-2 border-t pt-3">
        <p>A link says on {ticket.key} that it is a duplicate. Both stay as they are, and it can be taken away.</p>
        <Button size="sm" busy={link.busy} onClick={() => void linkNow()}>
          Link as a duplicate
        </Button>
        <CommandError error={link.error} />
      </section>
      <div className="flex justify-end border-t pt-3">
        <Button size="sm" onClick={onBack}>
          Choose another
        </Button>
      </div>
    </div>
  );
}

const MergeWords = ({
  ticket,
  into,
  merge: { comment, dropped, waiting },
}: {
  ticket: Ticket;
  into: string;
  merge: Answer<typeof previewMerge>;
}) => (
  <>
    <ul className="list-disc space-y-1 pl-5">
      <li>
        {ticket.key} ends as cancelled, and names {into}. This cannot be undone.
      </li>
      {dropped.length > 0 && <li>Has not started, and is dropped: {dropped.join(', ')}.</li>}
      {waiting.length > 0 && (
        <li>
          Waits for {into} from then on: {waiting.join(', ')}.
        </li>
      )}
      {comment && <li>{into} gets this as a comment:</li>}
    </ul>
    {comment && (
      <div
        tabIndex={0}
        role="region"
        aria-label="The comment"
        className="max-h-56 overflow-y-auto rounded-md border p-3"
      >
        <Prose text={comment} />
      </div>
    )}
  </>
);

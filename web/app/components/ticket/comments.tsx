import { useRef } from 'react';
import { addComment } from '#server/contracts/ticket-comments.ts';
import type { TicketPage } from '../../lib/ticket-page.server.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Card } from '../card.tsx';
import { CommandForm } from '../command-form.tsx';
import { Field, TextArea } from '../field.tsx';
import { Prose } from '../markdown.tsx';
import { Ago } from '../time.tsx';

/** What people say about a ticket. */
export function TicketComments({ page }: { page: TicketPage }) {
  const { comments, details } = page;
  const lacks = useLacks('ticket:write');
  const add = useCommand(addComment);
  const field = useRef<HTMLTextAreaElement>(null);
  return (
    <Card title="Comments">
      <div className="space-y-4">
        {comments.length > 0 && (
          <ul className="space-y-3">
            {comments.map((comment) => (
              <li key={comment.id} className="text-sm">
                <p className="text-xs text-muted">
                  {comment.author}, <Ago at={comment.created_at} />
                  {comment.edited_at && ', edited'}
                </p>
                <Prose text={comment.text} />
              </li>
            ))}
          </ul>
        )}
        <CommandForm
          command={add}
          act="Comment"
          look="secondary"
          because={lacks}
          onSubmit={async (form) => {
            const said = await add.run({
              params: { id: details.ticket.id },
              body: { text: String(form.get('text') ?? '') },
            });
            if (said && field.current) field.current.value = '';
            return said;
          }}
        >
          <Field label="Comment" hint="@ and the address of a member tells them.">
            <TextArea ref={field} name="text" required maxLength={10_000} rows={3} />
          </Field>
        </CommandForm>
      </div>
    </Card>
  );
}

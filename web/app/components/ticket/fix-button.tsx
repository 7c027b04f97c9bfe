import { Wrench } from 'lucide-react';
import { fixTicket } from '#server/contracts/gates.ts';
import type { FailedCheck } from '#workflows/domain/tasks/fix-loop.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';

/** Lets a task fix what failed on a ticket, and another one check it again. */
export function FixButton({ ticketId, check }: { ticketId: string; check?: FailedCheck }) {
  const fix = useCommand(fixTicket);
  const because = useLacks('ticket:write');
  return (
    <>
      <Button
        size="sm"
        busy={fix.busy}
        because={because}
        onClick={() => void fix.run({ params: { id: ticketId }, body: { check } })}
      >
        <Wrench aria-hidden className="size-3.5" />
        {check === 'gate' ? 'Let a task bring what is missing' : 'Let a task fix it'}
      </Button>
      <CommandError error={fix.error} />
    </>
  );
}

import { Play } from 'lucide-react';
import { fastTrack, spawnPhaseTasks } from '#server/contracts/gates.ts';
import { finishedTask } from '#workflows/domain/tasks/states.ts';
import type { TicketDetails } from '../../lib/ticket-details.server.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { useToast } from '../toast.tsx';

/**
 * Starts the work on a ticket on which nothing works: with the first task of its phase, and from the backlog that of the
 * implementation. Shown where that is possible.
 */
export function StartButton({ ticket, tasks }: Pick<TicketDetails, 'ticket' | 'tasks'>) {
  const first = useCommand(fastTrack);
  const phase = useCommand(spawnPhaseTasks);
  const because = useLacks('ticket:write');
  const toast = useToast();
  const { id, key, status, spec_id, phase_id } = ticket;
  const works = tasks.some((task) => !finishedTask(task.status));
  if (spec_id !== null || works || ['done', 'cancelled', 'pending_review'].includes(status)) return null;
  const start = async () => {
    const params = { id };
    const answer = phase_id === 'PHASE_BACKLOG' ? await first.run({ params, body: {} }) : await phase.run({ params });
    if (!answer) return;
    const [task] = answer.spawned;
    toast(task ? `${task.key} starts the work on ${key}` : `Nothing starts. ${answer.not_spawned ?? ''}`);
  };
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button size="sm" busy={first.busy || phase.busy} because={because} onClick={() => void start()}>
        <Play aria-hidden className="size-3.5" /> Start the work
      </Button>
      <CommandError error={first.error ?? phase.error} />
    </div>
  );
}

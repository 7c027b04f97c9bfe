import { liftConstraint } from '#server/contracts/runs.ts';
import { sentence } from '../../lib/format.ts';
import { useCommand } from '../../lib/use-command.ts';
import type { RunStream } from '../../lib/use-run-stream.ts';
import { useLacks } from '../../lib/viewer.ts';
import { StatusBadge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { Ago } from '../time.tsx';

const names: Record<string, string> = {
  user_message: 'Message',
  guardian_nudge: 'Guardian',
  agent_message: 'Another agent',
  interrupt: 'Interrupt',
  system: 'Platform',
  discovery: 'Message from another agent',
  answer: 'Answer',
};

/** A message to the agent with its delivery: queued, delivered at a turn, or refused with the reason. */
export function MessageCard({
  message,
  runId,
  live,
  onChange,
}: {
  message: RunStream['messages'][number];
  runId: string;
  live: boolean;
  onChange: () => void;
}) {
  const lacks = useLacks('task:write');
  const lift = useCommand(liftConstraint);
  const standing = message.steer_kind === 'constraint' && !message.lifted_at;
  return (
    <article
      aria-label={`Message to the agent, ${message.status}`}
      data-message={message.status}
      className="ml-auto w-full max-w-xl animate-arrive rounded-md border border-info/30 bg-info-soft px-3 py-2"
    >
      <header className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted">
        <span className="font-medium text-soft">
          {message.steer_kind ? sentence(message.steer_kind) : (names[message.kind] ?? sentence(message.kind))}
        </span>
        <span className="max-w-40 truncate">{message.actor}</span>
        <Ago at={message.created_at} />
        <span className="ml-auto flex items-center gap-1.5">
          <StatusBadge status={message.status} />
          {message.delivered_at_turn !== null && (
            <span>
              at turn <span className="figures">{message.delivered_at_turn}</span>
            </span>
          )}
        </span>
      </header>
      <p className="mt-1 text-sm break-words whitespace-pre-wrap">{message.content}</p>
      {message.refused_reason && <p className="mt-1 text-xs text-bad">{message.refused_reason}</p>}
      {message.lifted_at && (
        <p className="mt-1 text-xs text-muted">
          Lifted <Ago at={message.lifted_at} />
        </p>
      )}
      {standing && live && (
        <div className="mt-1.5 flex items-center gap-2">
          <Button
            size="sm"
            busy={lift.busy}
            because={lacks}
            onClick={async () => {
              await lift.run({ params: { id: runId, message_id: message.id } });
              onChange();
            }}
          >
            Lift the constraint
          </Button>
          <CommandError error={lift.error} />
        </div>
      )}
    </article>
  );
}

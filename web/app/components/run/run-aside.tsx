import { TextLink } from '../text-link.tsx';
import { percent } from '../../lib/format.ts';
import type { RunStream } from '../../lib/use-run-stream.ts';
import { Card } from '../card.tsx';
import { Fold } from '../fold.tsx';
import { AlignmentLine } from './alignment-line.tsx';
import { TodoList } from './record-bodies.tsx';
import { NightCard } from '../work/night.tsx';

/**
 * Beside the stream on a wide screen. On a phone above it and folded, because the stream scrolls to the end of the
 * page.
 */
export function RunAside({ stream }: { stream: RunStream }) {
  return (
    <>
      <Fold
        className="order-first rounded-lg border bg-side lg:hidden"
        summaryClass="flex min-h-11 items-center px-4 text-sm font-medium"
        summary="Goal and plan"
      >
        {() => (
          <div className="space-y-4 border-t p-3">
            <Facts stream={stream} />
          </div>
        )}
      </Fold>
      <aside
        aria-label="Goal and plan"
        className="hidden space-y-4 lg:sticky lg:top-16 lg:block lg:max-h-[calc(100dvh-5rem)] lg:overflow-y-auto"
        tabIndex={0}
      >
        <Facts stream={stream} />
      </aside>
    </>
  );
}

/** The run's goal, its plan, and its alignment with them. */
function Facts({ stream: { run, analyses, interventions, messages } }: { stream: RunStream }) {
  const constraints = messages.filter((message) => message.steer_kind === 'constraint' && !message.lifted_at);
  return (
    <>
      {run.goal && (
        <Card title="Goal">
          <p className="line-clamp-[10] text-sm break-words text-soft">{run.goal}</p>
        </Card>
      )}
      {run.todo.length > 0 && (
        <Card
          title="Plan"
          aside={
            <span className="figures text-xs text-muted">
              {run.todo.filter((item) => item.status === 'done').length} of {run.todo.length}
            </span>
          }
        >
          <TodoList items={run.todo} />
        </Card>
      )}
      {constraints.length > 0 && (
        <Card title="Constraints">
          <ul className="space-y-1.5 text-sm">
            {constraints.map((message) => (
              <li key={message.id} className="break-words">
                {message.content}
              </li>
            ))}
          </ul>
        </Card>
      )}
      {analyses.length > 1 && (
        <Card
          title="Alignment"
          aside={run.alignment !== null && <span className="figures text-xs">{percent(run.alignment)}</span>}
        >
          <AlignmentLine analyses={analyses} interventions={interventions} />
        </Card>
      )}
      <NightCard night={run.night} />
      {(run.spec_id || run.ticket_id) && (
        <Card title="Belongs to">
          <ul className="space-y-1 text-sm">
            {run.spec_id && (
              <li>
                <TextLink to={`/projects/${run.project_id}/specs/${run.spec_id}`}>Spec</TextLink>
              </li>
            )}
            {run.ticket_id && (
              <li>
                <TextLink to={`/board/${run.project_id}?of=tickets&open=${run.ticket_id}`}>Ticket</TextLink>
              </li>
            )}
          </ul>
        </Card>
      )}
    </>
  );
}

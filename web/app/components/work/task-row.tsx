import { Link } from '@remix-run/react';
import type { TaskLine } from '../../lib/lines.ts';
import { StatusBadge } from '../badge.tsx';
import { Priority } from '../spec/content.tsx';
import { Elapsed } from '../time.tsx';

/** A task with its state. It links to its newest run. */
export function TaskRow({
  task,
  names,
}: {
  task: TaskLine;
  /** Keys of tasks by id, to name its dependencies. */ names: Map<string, string>;
}) {
  const waits =
    task.status === 'pending' && task.depends_on.length > 0
      ? task.depends_on.map((id) => names.get(id) ?? id.slice(0, 8)).join(', ')
      : undefined;
  const inner = (
    <>
      <span className="figures w-16 shrink-0 text-xs text-muted">{task.key}</span>
      <span className="min-w-0 flex-1 basis-40">
        <span className="block truncate text-sm">{task.title}</span>
        <span className="block truncate text-xs text-muted">
          {task.error_message ??
            (waits ? `after ${waits}` : task.discovery_id ? 'discovered' : task.task_type.replace(/_/g, ' '))}
        </span>
      </span>
      <span className="flex items-center gap-3">
        <Priority of={task.priority} />
        {task.started_at && (
          <span className="hidden text-xs text-muted sm:inline">
            <Elapsed from={task.started_at} to={task.ended_at} />
          </span>
        )}
        <StatusBadge status={task.status} />
      </span>
    </>
  );
  const shape = 'flex min-h-(--row) flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1.5';
  return task.run_id ? (
    <Link to={`/runs/${task.run_id}`} data-row className={`${shape} -outline-offset-2 hover:bg-hover`}>
      {inner}
    </Link>
  ) : (
    <div className={shape}>{inner}</div>
  );
}

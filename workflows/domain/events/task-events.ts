import { z } from 'zod';

const id = z.string();
const ref = id.nullish();
const count = z.number().int();
const pages = ['web:board' as const, 'web:spec' as const];
const followed = ['web:board' as const, 'web:spec' as const, 'cli:feature' as const];

const task = z.looseObject({
  task_id: id,
  key: z.string(),
  ticket_id: id,
  spec_id: ref,
  phase_id: z.string(),
  task_type: z.string(),
  status: z.string(),
  priority: z.string(),
  title: z.string(),
});
const movedTask = task.extend({
  old_status: z.string(),
  /** The e-mail address of the person who moved it, or the part of the platform. */
  by: z.string(),
  reason: z.string().nullable(),
  error_message: z.string().nullable(),
  retry_count: count,
});
const review = task.extend({ attempt: count, iteration: count, feedback: z.string() });

/** Tasks: their moves, attempts, dependencies and titles. */
export const taskEvents = {
  'task.created': { data: task, consumers: followed },
  'task.assigned': { data: movedTask, consumers: pages },
  'task.started': { data: movedTask, consumers: pages },
  'task.completed': { data: movedTask, consumers: pages },
  'task.failed': { data: movedTask, consumers: pages },
  'task.cancelled': { data: movedTask, consumers: pages },
  'task.status_changed': { data: movedTask, consumers: followed },
  /** A person started it past the limit of its project. */
  'task.bumped': { data: task.extend({ by: z.string() }), consumers: pages },
  'task.retry_scheduled': { data: task, consumers: pages },
  /** `by`: the e-mail address of a person, or platform. */
  'task.renamed': { data: task.extend({ old_title: z.string(), by: z.string() }), consumers: pages },
  /** A person asked for another title, and there is none. */
  'task.title_kept': { data: task.extend({ reason: z.string(), by: z.string() }), consumers: pages },
  'task.dependency_updated': { data: task.extend({ depends_on: z.array(id) }), consumers: pages },
  'task.validation_requested': { data: task, consumers: pages },
  'task.validation_passed': { data: review, consumers: pages },
  'task.validation_failed': { data: review, consumers: followed },
  'tasks.unblocked': { data: task.extend({ unblocked_task_ids: z.array(id) }), consumers: pages },
};

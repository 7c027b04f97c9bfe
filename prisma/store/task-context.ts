import { designFor, type TaskContext } from '#workflows/domain/tasks/context.ts';
import { nightOfTicket } from '#workflows/domain/agent/night-terms.ts';
import type { Task } from './json.ts';
import type { discoveriesStore } from './discoveries.ts';
import type { gatesStore } from './gates.ts';
import type { phaseAttemptsStore } from './phase-attempts.ts';
import type { specsStore } from './specs.ts';
import type { tasksStore } from './tasks.ts';
import type { ticketsStore } from './tickets.ts';

interface Parts {
  tickets: ReturnType<typeof ticketsStore>;
  specs: ReturnType<typeof specsStore> & ReturnType<typeof phaseAttemptsStore>;
  tasks: ReturnType<typeof tasksStore>;
  discoveries: ReturnType<typeof discoveriesStore>;
  gates: Pick<ReturnType<typeof gatesStore>, 'handedOver'>;
}

/** EXEC-12: collects everything that the agent of a task gets. */
export const taskContextOf =
  (store: Parts) =>
  async (task: Task): Promise<TaskContext> => {
    const ticket = await store.tickets.get(task.organization_id, task.ticket_id);
    const spec = task.spec_id ? await store.specs.get(task.organization_id, task.spec_id) : null;
    const requirements = spec
      ? (await store.specs.requirements(spec.id)).filter((r) => task.requirements.includes(r.key))
      : [];
    const outputs = spec ? await store.specs.outputs(spec.id) : {};
    const siblings = spec ? await store.tasks.ofSpec(spec.id) : [];
    const review =
      task.validation_iteration > 0 ? (await store.tasks.reviews(task.organization_id, task.id)).at(-1) : undefined;
    const discovery = task.discovery_id ? await store.discoveries.get(task.organization_id, task.discovery_id) : null;
    const forbidden = (spec?.night ?? nightOfTicket(ticket))?.forbidden_paths;
    const handed_over = await store.gates.handedOver(ticket, task.phase_id);
    return {
      task: {
        id: task.id,
        key: task.key,
        local_id: task.local_id,
        title: task.title,
        description: task.description,
        task_type: task.task_type,
        phase_id: task.phase_id,
        priority: task.priority,
        owned_files: task.owned_files,
        criteria: task.criteria,
      },
      ticket: {
        ...{ id: ticket.id, key: ticket.key, title: ticket.title, description: ticket.description },
        ...(ticket.validation_feedback ? { validation_feedback: ticket.validation_feedback } : {}),
      },
      spec: spec && { id: spec.id, title: spec.title, description: spec.description },
      ...(forbidden ? { forbidden_paths: forbidden } : {}),
      requirements: requirements.map((r) => ({
        key: r.key,
        title: r.title,
        text: r.text,
        acceptance_criteria: r.criteria.map((c) => ({ id: c.key, text: c.text, completed: c.completed })),
      })),
      design: designFor(outputs.design, task.owned_files, outputs.explore),
      spec_tasks: siblings.map((t) => ({ local_id: t.local_id, title: t.title, status: t.status })),
      current_spec_task: task.local_id,
      revision:
        review && !review.passed
          ? {
              feedback: review.feedback,
              recommendations: review.recommendations,
              iteration: review.iteration,
              failing: review.evidence.flatMap(({ command, exit_code: code, excerpt, verified }) =>
                verified && code ? [{ command: command ?? '', exit_code: code, excerpt: excerpt ?? '' }] : [],
              ),
            }
          : null,
      synthesis_context: task.synthesis_context,
      ...(handed_over.length > 0 ? { handed_over } : {}),
      discovery: discovery && { type: discovery.discovery_type, description: discovery.description },
    };
  };

import { analysisOfType } from '../tasks/analysis.ts';
import { parseEars } from '../requirements/ears.ts';
import type { EarsWords } from '../requirements/words.ts';
import type { PriorOutputs } from './index.ts';
import { emptyPlan, taskGraph, ticketByTask, ticketGraph } from './plan-graph.ts';

/** The requirements, tickets and tasks that a plan creates on the board, with the ids of the plan. */
export interface BoardPlan {
  requirements: {
    key: string;
    title: string;
    type: string;
    category: string;
    priority: string;
    text: string;
    condition: string | null;
    action: string | null;
    linked_design: string | null;
    criteria: { key: string; text: string }[];
  }[];
  tickets: {
    local_id: string;
    title: string;
    description: string;
    priority: string;
    blocked_by: string[];
    context: object;
  }[];
  tasks: {
    local_id: string;
    ticket: string;
    title: string;
    description: string;
    task_type: string;
    phase_id: string;
    priority: string;
    depends_on: string[];
    owned_files: string[];
    criteria: { id: string; text: string; check?: string }[];
    requirements: string[];
    estimated_hours: number | null;
    analysis: object;
  }[];
}

const taskTypes: Record<string, string> = {
  test: 'write_tests',
  refactor: 'refactor',
  research: 'research',
  documentation: 'implement_feature',
  configuration: 'implement_feature',
  implementation: 'implement_feature',
};

/**
 * Turns the outputs that passed their gates into requirements, tickets and tasks. Deterministic: the same plan gives
 * the same board.
 */
export function boardPlan(specId: string, outputs: PriorOutputs, words?: EarsWords): BoardPlan {
  const demanded = outputs.requirements?.requirements ?? [];
  const plan = outputs.tasks ?? emptyPlan;
  const ticketOf = ticketByTask(plan);
  const ticketWaits = ticketGraph(plan);
  const taskWaits = taskGraph(plan);
  const components = outputs.design?.components ?? [];
  return {
    requirements: demanded.map((item) => {
      const parts = parseEars(item.text, words);
      const linked = components.find(
        (component) => component.description.includes(item.id) || component.responsibility.includes(item.id),
      );
      return {
        key: item.id,
        title: item.title,
        type: item.type,
        category: item.category,
        priority: item.priority,
        text: item.text,
        condition: parts?.condition || null,
        action: parts?.action ?? null,
        linked_design: linked?.name ?? null,
        criteria: item.acceptance_criteria.map((criterion) => ({ key: criterion.id, text: criterion.text })),
      };
    }),
    tickets: plan.tickets.map((ticket) => ({
      local_id: ticket.id,
      title: ticket.title,
      description: ticket.description,
      priority: ticket.priority ?? 'MEDIUM',
      blocked_by: [...(ticketWaits[ticket.id] ?? [])],
      context: {
        spec_id: specId,
        local_ticket_id: ticket.id,
        requirements: ticket.requirements,
        acceptance_criteria: ticket.acceptance_criteria,
      },
    })),
    tasks: plan.tasks.flatMap((task) => {
      const ticket = ticketOf.get(task.id);
      if (!ticket) return [];
      const type = taskTypes[task.type ?? 'implementation'] ?? 'implement_feature';
      return [
        {
          local_id: task.id,
          ticket,
          title: task.title,
          description: task.description,
          task_type: type,
          phase_id: 'PHASE_IMPLEMENTATION',
          priority: task.priority ?? 'MEDIUM',
          depends_on: [...(taskWaits[task.id] ?? [])],
          owned_files: [...new Set([...task.files_to_create, ...task.files_to_modify])],
          criteria: task.acceptance_criteria,
          requirements: task.requirements_addressed,
          estimated_hours: task.estimated_hours || null,
          analysis: { ...analysisOfType(type), source: 'plan' },
        },
      ];
    }),
  };
}

import { comparable, normalised } from '../comparable-text.ts';
import { findCycle } from '../tasks/graph.ts';
import type { BoardPlan } from './board.ts';

export type PlanKind = 'requirement' | 'ticket' | 'task';

/** An item of a plan that says the same as an earlier one. */
export interface Twin {
  kind: PlanKind;
  /** The plan's id of the item, and of the one that stands for both. */
  id: string;
  of: string;
}

/** Whether two texts of a kind say the same, beyond being worded the same. */
export type Alike = (kind: PlanKind, a: string, b: string) => boolean;

/** What items are compared by. */
export const textOf = {
  requirement: (item: BoardPlan['requirements'][number]) => normalised(item.text),
  ticket: (item: BoardPlan['tickets'][number]) => comparable(item.title, item.description),
  task: (item: BoardPlan['tasks'][number]) => comparable(item.title, item.description),
};

/**
 * A plan in which each thing is said once. Nothing of a twin is lost: the item that stands for both gets its criteria,
 * requirements, files and dependencies, and what named the twin names that item. Tasks are twins within one ticket and
 * type only.
 */
export function foldTwins(plan: BoardPlan, alike: Alike = () => false): { plan: BoardPlan; twins: Twin[] } {
  const folded = fold(plan, alike);
  const waits = (items: { local_id: string; after: string[] }[]) =>
    Object.fromEntries(items.map(({ local_id: id, after }) => [id, after]));
  const turnsInCircles =
    findCycle(waits(folded.plan.tasks.map((task) => ({ ...task, after: task.depends_on })))) ??
    findCycle(waits(folded.plan.tickets.map((ticket) => ({ ...ticket, after: ticket.blocked_by }))));
  // Work that has to be done before and after something is not the same work.
  if (!turnsInCircles) return folded;
  const { requirements } = plan;
  const rest = fold({ requirements, tickets: [], tasks: [] }, alike);
  const of = (id: string) => rest.twins.find((twin) => twin.id === id)?.of ?? id;
  const tasks = plan.tasks.map((task) => ({ ...task, requirements: mapped(task.requirements, of) }));
  return { plan: { ...plan, requirements: rest.plan.requirements, tasks }, twins: rest.twins };
}

function fold(plan: BoardPlan, alike: Alike): { plan: BoardPlan; twins: Twin[] } {
  const requirements = standing('requirement', plan.requirements, (item) => item.key, textOf.requirement, alike);
  const tickets = standing('ticket', plan.tickets, (item) => item.local_id, textOf.ticket, alike);
  const placed = plan.tasks.map((task) => ({ ...task, ticket: tickets.of(task.ticket) }));
  const place = (task: (typeof placed)[number]) => `${task.ticket} ${task.task_type}\n`;
  const tasks = standing(
    'task',
    placed,
    (item) => item.local_id,
    (item) => place(item) + textOf.task(item),
    (kind, a, b) => {
      const [placeA = '', placeB = ''] = [a.split('\n')[0], b.split('\n')[0]];
      return placeA === placeB && alike(kind, a.slice(placeA.length + 1), b.slice(placeB.length + 1));
    },
  );
  return {
    twins: [...requirements.twins, ...tickets.twins, ...tasks.twins],
    plan: {
      requirements: requirements.groups.map(([first, ...others]) => ({
        ...first,
        criteria: [first, ...others].flatMap((item) => item.criteria),
      })),
      tickets: tickets.groups.map(([first, ...others]) => ({
        ...first,
        blocked_by: mapped(
          [first, ...others].flatMap((item) => item.blocked_by),
          tickets.of,
          first.local_id,
        ),
      })),
      tasks: tasks.groups.map(([first, ...others]) => {
        const all = [first, ...others];
        return {
          ...first,
          depends_on: mapped(
            all.flatMap((item) => item.depends_on),
            tasks.of,
            first.local_id,
          ),
          requirements: mapped(
            all.flatMap((item) => item.requirements),
            requirements.of,
          ),
          owned_files: [...new Set(all.flatMap((item) => item.owned_files))],
          criteria: all.flatMap((item) => item.criteria),
        };
      }),
    },
  };
}

const mapped = (ids: string[], of: (id: string) => string, self?: string): string[] =>
  [...new Set(ids.map(of))].filter((id) => id !== self);

/** Groups of items that say the same, and by the id of each item that of the first of its group. */
function standing<T>(
  kind: PlanKind,
  items: T[],
  idOf: (item: T) => string,
  text: (item: T) => string,
  alike: Alike,
): { groups: [T, ...T[]][]; of(id: string): string; twins: Twin[] } {
  const groups: [T, ...T[]][] = [];
  const first = new Map<string, string>();
  for (const item of items) {
    const words = text(item);
    const group = groups.find(([known]) => text(known) === words || alike(kind, text(known), words));
    if (group) group.push(item);
    else groups.push([item]);
    first.set(idOf(item), idOf((group ?? [item])[0]));
  }
  const of = (id: string) => first.get(id) ?? id;
  const twins = items.map(idOf).flatMap((id) => (of(id) === id ? [] : [{ kind, id, of: of(id) }]));
  return { groups, of, twins };
}

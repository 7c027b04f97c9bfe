import fc from 'fast-check';
import { boardPlan, type BoardPlan } from '#workflows/domain/phases/board.ts';
import { planVetoes } from '#workflows/domain/phases/plan-checks.ts';
import { tasks as tasksPhase, type TasksOutput } from '#workflows/domain/phases/tasks.ts';
import { openNodes, readyNodes, type GraphNode } from '#workflows/domain/tasks/ticket-graph.ts';

interface Drawn {
  tickets: { after: number[]; before: number[] }[];
  tasks: { ticket: number; after: number[]; before: number[] }[];
}

/** A plan with the drawn order. References beyond the plan's end wrap around. */
function planOf({ tickets, tasks }: Drawn): TasksOutput {
  const ticket = (i: number) => `TKT-${String((i % tickets.length) + 1).padStart(3, '0')}`;
  const task = (i: number) => `TSK-${String((i % tasks.length) + 1).padStart(3, '0')}`;
  return tasksPhase.schema.parse({
    feature_name: 'Drawn',
    tickets: tickets.map(({ after, before }, i) => ({
      id: ticket(i),
      title: 'A ticket',
      description: 'Drawn.',
      dependencies: { blocked_by: after.map(ticket), blocks: before.map(ticket) },
    })),
    tasks: tasks.map((drawn, i) => ({
      id: task(i),
      title: 'A task',
      description: 'Drawn.',
      parent_ticket: ticket(drawn.ticket),
      dependencies: { depends_on: drawn.after.map(task), blocks: drawn.before.map(task) },
    })),
  });
}

const few = fc.array(fc.nat(11), { maxLength: 1 });
const drawn: fc.Arbitrary<Drawn> = fc.record({
  tickets: fc.array(fc.record({ after: few, before: few }), { minLength: 1, maxLength: 4 }),
  tasks: fc.array(fc.record({ ticket: fc.nat(11), after: few, before: few }), { minLength: 1, maxLength: 9 }),
});

/** The drawn order turned forward: an item waits only for earlier ones, so the plan passes the gate. */
function forward({ tickets, tasks }: Drawn): Drawn {
  const turned = <T extends { after: number[]; before: number[] }>(items: T[]) =>
    items.map((one, i) => ({
      ...one,
      after: i === 0 ? [] : one.after.map((other) => other % i),
      before: i === items.length - 1 ? [] : one.before.map((other) => i + 1 + (other % (items.length - 1 - i))),
    }));
  const ticketOf = (i: number) => Math.floor((i * tickets.length) / tasks.length);
  return { tickets: turned(tickets), tasks: turned(tasks).map((one, i) => ({ ...one, ticket: ticketOf(i) })) };
}

const node = (id: string, waitsFor: string[], own: Partial<GraphNode> = {}): GraphNode => ({
  id,
  title: id,
  waits_for: waitsFor,
  waits_outside: false,
  joined: false,
  cancelled: false,
  ...own,
});
const graphOf = (nodes: GraphNode[]) => new Map(nodes.map((one) => [one.id, one]));

/** Carries a board out as the workflows of a spec and its tickets do. @returns the tasks in the order of their start. */
function carryOut(board: BoardPlan, pick: (count: number) => number): string[] {
  const started: string[] = [];
  const done = new Set<string>();
  const openTickets = new Set<string>();
  const joinedTickets = new Set<string>();
  for (;;) {
    const joinedBefore = joinedTickets.size;
    const tickets = graphOf(
      board.tickets.map((one) => node(one.local_id, one.blocked_by, { joined: joinedTickets.has(one.local_id) })),
    );
    for (const { id } of readyNodes(tickets, openTickets)) openTickets.add(id);
    for (const ticket of [...openTickets].filter((id) => !joinedTickets.has(id))) {
      const own = board.tasks.filter((task) => task.ticket === ticket);
      const ids = new Set(own.map((task) => task.local_id));
      const graph = graphOf(
        own.map((task) =>
          node(task.local_id, task.depends_on, {
            joined: done.has(task.local_id),
            waits_outside: task.depends_on.some((id) => !ids.has(id) && !done.has(id)),
          }),
        ),
      );
      started.push(...readyNodes(graph, new Set(started)).map(({ id }) => id));
      if (openNodes(graph).length === 0) joinedTickets.add(ticket);
    }
    if (joinedTickets.size === board.tickets.length) return started;
    const running = started.filter((id) => !done.has(id));
    if (running.length > 0) done.add(running[pick(running.length)] as string);
    else if (joinedTickets.size === joinedBefore) throw new Error('The spec hangs.');
  }
}

test('every task of a plan that passes the gate is started once, after all it waits for, and the spec ends', () => {
  let passed = 0;
  fc.assert(
    fc.property(fc.oneof(drawn, drawn.map(forward)), fc.infiniteStream(fc.nat(1000)), (plan, numbers) => {
      const output = planOf(plan);
      if (planVetoes(output).some((veto) => veto.code === 'cycle')) return;
      passed += 1;
      const board = boardPlan('spec', { tasks: output });
      const started = carryOut(board, (count) => (numbers.next().value as number) % count);
      expect([...started].sort()).toEqual(output.tasks.map((task) => task.id).sort());
      const place = new Map(started.map((id, i) => [id, i] as const));
      const before = (first: string, then: string) => expect(place.get(first)).toBeLessThan(place.get(then) ?? -1);
      for (const { id, dependencies } of output.tasks) {
        for (const other of dependencies.depends_on) before(other, id);
        for (const other of dependencies.blocks) before(id, other);
      }
      for (const { id, dependencies } of output.tickets)
        for (const other of dependencies.blocked_by)
          for (const first of output.tasks.filter((task) => task.parent_ticket === other))
            for (const then of output.tasks.filter((task) => task.parent_ticket === id)) before(first.id, then.id);
    }),
    { numRuns: 500 },
  );
  expect(passed).toBeGreaterThan(50);
});

test('what a task or a ticket blocks waits for it on the board', () => {
  const board = boardPlan('spec', {
    tasks: planOf({
      tickets: [
        { after: [], before: [] },
        { after: [], before: [] },
      ],
      tasks: [
        { ticket: 0, after: [], before: [1] },
        { ticket: 1, after: [], before: [] },
      ],
    }),
  });
  expect(board.tasks.map((task) => task.depends_on)).toEqual([[], ['TSK-001']]);
  expect(board.tickets.map((ticket) => ticket.blocked_by)).toEqual([[], ['TKT-001']]);
});

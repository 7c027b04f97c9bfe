import fc from 'fast-check';
import { editTasks } from '#workflows/domain/phases/edit-tasks.ts';
import type { TasksOutput } from '#workflows/domain/phases/tasks.ts';
import { exampleOutputs } from '#tests/support/phases.ts';

test('a task that is moved takes its place, and every other task keeps its order, wherever it goes', () => {
  const { tasks: plan } = exampleOutputs();
  const ids = plan.tasks.map((task) => task.id);
  const moves = fc.array(fc.record({ id: fc.constantFrom(...ids), to: fc.constantFrom(...ids, null) }));
  fc.assert(
    fc.property(moves, (all) => {
      let now = plan;
      for (const { id, to } of all) {
        if (id === to) continue;
        const before = now.tasks.map((task) => task.id);
        now = editTasks(now, { action: 'moved', id, before: to }).plan as TasksOutput;
        const order = now.tasks.map((task) => task.id);
        expect(order.filter((one) => one !== id)).toEqual(before.filter((one) => one !== id));
        expect(order[order.indexOf(id) + 1] ?? null).toBe(to);
        for (const [at, ticket] of now.tickets.entries())
          expect([...ticket.tasks].sort()).toEqual([...(plan.tickets[at]?.tasks ?? [])].sort());
      }
      expect([...now.tasks].sort((a, b) => a.id.localeCompare(b.id))).toEqual(plan.tasks);
    }),
    { numRuns: 50 },
  );
});

import fc from 'fast-check';
import { loadConfig } from '#activities/services/config.ts';
import { taskScore, type Scored } from '#workflows/domain/tasks/score.ts';

const weights = loadConfig({ env: 'test' }, {}).queue;
const fresh: Scored = { priority: 'MEDIUM', age: 0, dependents: 0, retry_count: 0, max_retries: 3 };
const hour = 3600;

test.each<[string, Partial<Scored>, number]>([
  ['a new CRITICAL one', { priority: 'CRITICAL' }, 0.5],
  ['a new HIGH one', { priority: 'HIGH' }, 0.3875],
  ['a new MEDIUM one', {}, 0.275],
  ['a new LOW one', { priority: 'LOW' }, 0.1625],
  ['a LOW one that waits for 2 hours', { priority: 'LOW', age: 2 * hour }, 0.6],
  ['a LOW one that waits for almost 2 hours', { priority: 'LOW', age: 2 * hour - 1 }, 0.3625],
  ['one that waits for half an hour', { age: hour / 2 }, 0.375],
  ['one on which ten others wait', { dependents: 10 }, 0.425],
  ['one on which a hundred others wait', { dependents: 100 }, 0.425],
  ['one with a deadline far away', { slack: 2 * hour }, 0.275],
  ['one with 450 s until its deadline', { slack: 450 }, (0.275 + 0.075) * 1.25],
  ['one that is overdue', { slack: -1 }, 0.425],
  ['one on its last retry', { retry_count: 3 }, 0.225],
])('[EXEC-03] %s has its score by the formula', (_which, changes, score) => {
  expect(taskScore({ ...fresh, ...changes }, weights)).toBeCloseTo(score, 6);
});

test('[EXEC-03] a score lies between 0 and 1.25, and neither age nor priority nor dependents ever lower it', () => {
  const tasks = fc.record({
    priority: fc.constantFrom('CRITICAL', 'HIGH', 'MEDIUM', 'LOW'),
    age: fc.nat(100_000),
    slack: fc.option(fc.integer({ min: -100_000, max: 100_000 }), { nil: undefined }),
    dependents: fc.nat(500),
    retry_count: fc.nat(5),
    max_retries: fc.nat(5),
  });
  fc.assert(
    fc.property(tasks, fc.nat(10_000), (task, more) => {
      const score = taskScore(task, weights);
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1.25);
      for (const changed of [
        { age: task.age + more },
        { dependents: task.dependents + more },
        { priority: 'CRITICAL' },
      ])
        expect(taskScore({ ...task, ...changed }, weights)).toBeGreaterThanOrEqual(score - 1e-9);
    }),
  );
});

import { execFileSync } from 'node:child_process';
import { copyWithRollout } from './rollout/copy-with-rollout.ts';

/* A made-up phase in a copy of the sources. planned-phase.test.ts plans a spec with it. */
const copy = copyWithRollout(['workflows', 'server/contracts', 'package.json']);

let seen: Record<string, unknown>;
beforeAll(() => {
  const printed = execFileSync(process.execPath, ['--import', 'tsx', 'play-rollout.ts'], {
    cwd: copy.dir,
    encoding: 'utf8',
  });
  seen = JSON.parse(printed) as Record<string, unknown>;
});
afterAll(copy.remove);

test('is part of the plan of a new spec, with title, gate and progress', () => {
  expect(seen).toMatchObject({
    title: 'Rollout',
    plan: ['explore', 'prd', 'requirements', 'design', 'tasks', 'rollout', 'sync'],
    gates: ['requirements', 'design', 'tasks', 'rollout'],
    progress: [14, 28, 42, 56, 70, 84, 100],
  });
});

test('is asked for by its own prompt and tool', () => {
  expect(seen.prompt).toMatch(/^# Rollout\n\nTitle: Renewals\n/);
  expect(seen.prompt).toContain('Plan how the feature reaches its users step by step.');
  expect(seen.prompt).toContain('submit_rollout');
  expect(seen.tool).toEqual(['partial', 'strategy', 'steps', 'alarms']);
});

test('is scored and vetoed at its gate by its own rules', () => {
  expect(seen.passed).toMatchObject({ score: 1, passed: true, vetoes: [] });
  expect(seen.refused).toMatchObject({ score: 0.2, passed: false });
  expect((seen.refused as { feedback: string }).feedback).toContain('There is nothing to roll out.');
});

test('has a chapter in the Markdown, and REST accepts it in a gate policy', () => {
  expect(seen.markdown).toBe(
    '# A\n\n> B\n\n## Rollout\n\nFirst one team for a week, then all.\n\n### Steps\n\n- One team\n- All\n',
  );
  expect(seen.gate_policy).toEqual({ mode: 'ask', phases: ['rollout'] });
});

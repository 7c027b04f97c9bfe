import { evaluate, feedback } from '#workflows/domain/phases/evaluate.ts';
import { exampleOutput, exampleOutputs, examplePhases, judge } from '#tests/support/phases.ts';

const seventy = { key_files: [], discovery_questions: [] }; // 1 - .15 - .15
const sixtyNine = { key_files: [], conventions: {}, codebase_summary: 'Short.' }; // 1 - .15 - .10 - .06

test('[PLAN-12] 0.70 passes and 0.69 fails', () => {
  expect(judge('explore', seventy)).toMatchObject({ score: 0.7, passed: true });
  expect(judge('explore', sixtyNine)).toMatchObject({ score: 0.69, passed: false });
});

test('[PLAN-12] a score that reaches the threshold passes in floating point too', () => {
  const { criteria } = judge('explore', seventy);
  const raw = criteria.reduce((sum, { weight, value }) => sum + weight * value, 0);
  expect(raw).not.toBe(0.7); // the trap this test is about
  expect(judge('explore', seventy).passed).toBe(true);
});

test('[PLAN-12] a project may ask for more than 0.70', () => {
  expect(evaluate('explore', exampleOutput('explore', seventy), {}, 0.71).passed).toBe(false);
});

test('[PLAN-13] a veto fails a perfect score', () => {
  const [story] = examplePhases.prd.user_stories;
  expect(judge('prd', { user_stories: [story, story] })).toMatchObject({ score: 1, passed: false });
});

test('[PLAN-05] feedback names vetoes first, then criteria by the points they lost', () => {
  const [first, ...others] = examplePhases.tasks.tasks;
  const changes = { feature_name: '', tasks: [{ ...first, estimated_hours: 8, dependencies: ['TSK-003'] }, ...others] };
  const lines = feedback(judge('tasks', changes)).split('\n');
  expect(lines).toEqual([
    'The gate did not pass this answer: score 0.795, needed 0.7.', // 1 - .15 - .04 - .015
    'These faults fail it at any score:',
    '- Tasks wait for each other: TSK-001 -> TSK-003 -> TSK-001.',
    'To fix, most points first:',
    '- no_cycle (0 % of 0.15): no cycle among the tasks',
    '- atomicity (67 % of 0.12): estimated_hours above 0 and up to 4 (lacking: TSK-001)',
    '- feature_name (50 % of 0.03): feature_name',
  ]);
});

test('[PLAN-05] feedback on a perfect answer asks for nothing', () => {
  expect(feedback(evaluate('sync', exampleOutput('sync'), exampleOutputs(), 0.7))).toBe(
    'The gate passed this answer: score 1, needed 0.7.',
  );
});

import type { PriorOutputs } from '#workflows/domain/phases/index.ts';
import { phases } from '#workflows/domain/phases/index.ts';
import { answeredQuestions, openQuestions, takesAnswers } from '#workflows/domain/phases/open-questions.ts';
import { planPrompt, planSchema } from '#workflows/domain/phases/compact.ts';
import { examplePhases } from '#tests/support/phases.ts';

const outputs = (prd: unknown, requirements: unknown = []) =>
  ({ prd: { open_questions: prd }, requirements: { open_questions: requirements } }) as PriorOutputs;
const asked = (question: string, assumption = '') => ({ question, assumption });

test.each([
  ['an object with its assumption', [asked('Which format?', 'CSV')], [asked('Which format?', 'CSV')]],
  ['a sentence', ['Which format?'], [asked('Which format?')]],
  ['a sentence with an assumption', ['Which format? Assumption: CSV.'], [asked('Which format?', 'CSV.')]],
  ['another object', [{ text: 'Which format?', note: 'x' }], [asked('Which format?')]],
  ['prose', 'Which format?', [asked('Which format?')]],
  ['prose that says there is none', 'None.', []],
  ['an empty list', [], []],
])('%s is read as a question', (_name, stated, expected) => {
  expect(openQuestions(outputs(stated)).map(({ question, assumption }) => ({ question, assumption }))).toEqual(
    expected,
  );
});

test('a question that both phases ask counts once, with the later assumption and its answer', () => {
  const twice = outputs([asked('Which format?', 'CSV')], [asked('which  format?', 'TSV'), asked('For whom?', 'All')]);
  const answer = { question: 'Which format?', answer: 'JSON', by: 'ada', at: '2026-01-01T00:00:00Z' };
  expect(answeredQuestions(twice, [answer])).toEqual([
    { phase: 'requirements', question: 'which  format?', assumption: 'TSV', answer },
    { phase: 'requirements', question: 'For whom?', assumption: 'All', answer: null },
  ]);
});

test.each([
  [['explore', 'prd', 'requirements', 'design'], 'requirements', true],
  [['explore', 'prd', 'requirements', 'design'], 'design', false],
  [['explore', 'prd', 'requirements', 'design'], 'complete', false],
  [['prd', 'tasks'], 'tasks', true],
])('of the plan %j, the phase %s takes answers: %s', (plan, phase, expected) => {
  expect(takesAnswers(plan, phase)).toBe(expected);
});

test.each(['prd', 'requirements'] as const)('the schema of %s takes questions with and without assumption', (phase) => {
  const questions = [asked('Which format?', 'CSV'), 'For whom?', { text: 'When?' }];
  const parsed = phases[phase].schema.parse({ ...examplePhases[phase], open_questions: questions });
  expect(parsed.open_questions).toEqual(questions);
});

test('a compact plan is asked for the assumption, and every session gets answers as orders', () => {
  expect(JSON.stringify(planSchema(['requirements']))).toContain('"assumption"');
  const request = { title: 'T', description: 'D', prior: {}, answers: 'Question: Q\nAnswer: A' };
  const order = '<request>\nQuestion: Q\nAnswer: A\n</request>';
  expect(planPrompt(request, ['design'], {})).toContain(order);
  expect(phases.design.instructions(request)).toContain(order);
});

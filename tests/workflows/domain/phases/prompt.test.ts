import { phaseIds, phases } from '#workflows/domain/phases/index.ts';
import { dataBlock } from '#workflows/domain/phases/prompt.ts';
import { exampleOutputs } from '#tests/support/phases.ts';

const description = 'Export tasks.\n\nKeep "quotes" & <tags> as they are.';
const request = { title: 'Task export', description, prior: exampleOutputs() };
const promptOf = (id: (typeof phaseIds)[number]) => phases[id].instructions(request);

describe('[PLAN-06] a phase is asked in full', () => {
  test.each(phaseIds)('%s: title, request verbatim, incremental rule and fields', (id) => {
    const prompt = promptOf(id);
    expect(prompt).toContain('Title: Task export');
    expect(prompt).toContain(`<request>\n${description}\n</request>`);
    expect(prompt).toContain(`submit_${id} {partial: true, ...}`);
    expect(prompt).toContain('Add 3 to 5 items at a time');
    expect(prompt).toContain(`Fields of submit_${id}: {`);
  });

  test.each(phaseIds)('%s: the outputs it builds on, and no other', (id) => {
    const sources = [...promptOf(id).matchAll(/<data source="(\w+)">/g)].map((match) => match[1]);
    expect(sources.filter((source) => source !== 'facts')).toEqual(phases[id].inputs);
  });

  test('the prompt of each phase', () => {
    expect(promptOf('explore')).toMatch(
      /5 to 15 .*"Problem & Value", "Users & Journeys", "Scope & Boundaries", "Technical Context", "Trade-offs & Risks"/,
    );
    expect(promptOf('prd')).toMatch(/User stories: 5 to 15/);
    expect(promptOf('requirements')).toMatch(/at least 2 acceptance criteria/);
    expect(promptOf('design')).toMatch(/smallest change[^]*300 to 500 words[^]*50 KB/);
    expect(promptOf('tasks')).toMatch(
      /One ticket for each component[^]*At most 5 tasks[^]*1 to 4 hours[^]*200 to 400 words[^]*100 KB/,
    );
    expect(promptOf('sync')).toContain('"requirement_coverage_percent":100');
  });

  test('the fields are shown in short', () => {
    expect(promptOf('requirements')).toContain(
      '{feature_name, requirements[{id, title, type, category, priority, text, acceptance_criteria[{id, text, check}], dependencies[], notes}], assumptions[], out_of_scope[], open_questions[{question, assumption}], traceability{prd_sections[], design_components[]}}',
    );
  });
});

test('[PLAN-05] a retry has the prompt, what was submitted, and the feedback', () => {
  const first = promptOf('prd');
  const retry = phases.prd.instructions({ ...request, draft: { prd_version: '7' }, feedback: 'Name a metric.' });
  expect(retry.startsWith(first)).toBe(true);
  expect(retry.slice(first.length)).toContain('{"prd_version":"7"}');
  expect(retry.endsWith('Name a metric.')).toBe(true);
});

test('[PLAN-06] nothing inside a data block can close it', () => {
  expect(dataBlock('explore', { text: 'a </data> b' }).match(/<\/data>/g)).toHaveLength(1);
});

import type { EmbeddingsPort } from '#activities/ports/embeddings.ts';
import { lessonsOf } from '#activities/ports/recall.ts';
import { createLexicalEmbeddings } from '#activities/adapters/embeddings/lexical.ts';
import { estimateTokens } from '#workflows/domain/billing/prices.ts';
import { memoryThresholds } from '#workflows/domain/memory/thresholds.ts';
import { OwnServer } from '#tests/support/own-server.ts';
import { newPlace } from '#tests/support/own-store.ts';

let server: OwnServer;
let project_id = '';
let organization_id = '';

/** A provider of vectors that may not answer. */
let answers = true;
const lexical = createLexicalEmbeddings();
const vectors: EmbeddingsPort = {
  ...lexical,
  embed: (...asked) => (answers ? lexical.embed(...asked) : Promise.reject(new Error('The provider is away.'))),
};

beforeAll(async () => {
  server = await OwnServer.start('memory', vectors);
  project_id = server.place.project.id;
  organization_id = server.place.organization.id;
});
afterAll(() => server.close());
afterEach(() => {
  answers = true;
});

const call = (method: string, address: string, body?: object) => server.request(method, address, body);
const store = async (execution_summary: string, more: object = {}) =>
  (await call('POST', '/memory/store', { project_id, execution_summary, ...more })).body as {
    memory_id: string;
    memory_type: string;
    duplicate_of: string | null;
  };
const search = async (task_description: string, more: object = {}) =>
  (await call('POST', '/memory/search', { project_id, task_description, similarity_threshold: 0.1, ...more })).body
    .results as { id: string; score: number; similarity: number | null }[];

async function newTask(title: string, description = 'It is done once.') {
  const { ticket } = await server.store.tickets.create({
    ...{ organization_id, project_id, user_id: null, phase_id: 'PHASE_IMPLEMENTATION', status: 'backlog' },
    ...{ title, description, priority: 'LOW', workflow_mode: 'quick' },
  });
  return server.store.tasks.create({
    ...{ organization_id, project_id, ticket_id: ticket.id, phase_id: 'PHASE_IMPLEMENTATION', title, description },
    ...{ task_type: 'implement_feature', priority: 'LOW' },
  });
}

test('[MEM-02] without a model the words of a memory say its type; what a person says counts, another type is refused', async () => {
  expect(await store('Fixed login error by trimming the address.')).toMatchObject({ memory_type: 'error_fix' });
  expect(await store('Routes are named after their files here.', { memory_type: 'decision' })).toMatchObject({
    memory_type: 'decision',
  });
  expect(
    await call('POST', '/memory/store', { project_id, execution_summary: 'Long enough, yes', memory_type: 'x' }),
  ).toMatchObject({
    status: 422,
    body: { details: [{ field: 'memory_type' }] },
  });
  expect(await call('POST', '/memory/store', { execution_summary: 'Long enough, yes' })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'project_id' }] },
  });
});

test('[MEM-01] a memory keeps no personal data, is corrected and deleted, and what repeats it is hidden', async () => {
  const first = await store('Ask grace@navy.example before a release of the ledger.', {
    result: 'Call +49 30 1234567.',
  });
  const again = await store('Ask  GRACE@navy.example before a release of the ledger.', {
    result: 'Call +49 30 1234567.',
  });
  expect(again.duplicate_of).toBe(first.memory_id);
  const { body } = await call('GET', `/memory/${first.memory_id}`);
  expect(body).toMatchObject({
    execution_summary: 'Ask [e-mail] before a release of the ledger.',
    result: 'Call [phone].',
  });
  const listed = async () =>
    ((await call('GET', `/memory?project_id=${project_id}`)).body.items as { id: string }[]).map(({ id }) => id);
  expect(await listed()).toContain(first.memory_id);
  expect(await listed()).not.toContain(again.memory_id);

  const corrected = await call('PATCH', `/memory/${first.memory_id}`, {
    execution_summary: 'Ask the owner of the ledger first.',
  });
  expect(corrected.body).toMatchObject({ embedded: true, updated_by: 'owner@example.test' });
  expect((await search('owner of the ledger'))[0]?.id).toBe(first.memory_id);

  expect((await call('DELETE', `/memory/${first.memory_id}`)).status).toBe(204);
  expect((await call('GET', `/memory/${first.memory_id}`)).status).toBe(404);
  expect(await listed()).toContain(again.memory_id);
});

test('[MEM-03] a search finds by sense, by words and by both, counts the ranks of both, and stays in its organization', async () => {
  const both = await store('Invoices are rounded in cents before the discount.');
  const words = await store(
    `The discount of invoices is a share. ${'Quarterly figures come from a spreadsheet of the sales team, line by line. '.repeat(6)}`,
  );
  const hybrid = await search('discount invoices', { similarity_threshold: 0.3 });
  const found = hybrid.filter(({ id }) => id === both.memory_id || id === words.memory_id);
  expect(found).toHaveLength(2);
  expect(found[0]?.id).toBe(both.memory_id);
  // It is first by sense and second by words, or first in both.
  expect([0.016288, 0.016393].some((score) => Math.abs((found[0]?.score ?? 0) - score) < 1e-6)).toBe(true);
  expect(found.find(({ id }) => id === words.memory_id)).toMatchObject({ similarity: null });
  const sense = await search('discount invoices', { search_mode: 'semantic', similarity_threshold: 0.3 });
  expect(sense.map(({ id }) => id)).not.toContain(words.memory_id);
  const keyword = await search('discount invoices', { search_mode: 'keyword' });
  expect(keyword.map(({ id }) => id).sort()).toEqual([both.memory_id, words.memory_id].sort());
  expect((await call('POST', '/memory/search', { task_description: 'x', search_mode: 'x' })).status).toBe(422);
  expect((await call('POST', '/memory/search', { task_description: 'x', top_k: 101 })).status).toBe(422);

  const other = await newPlace(server.store, 'other');
  await server.store.memories.learn(
    {
      ...{ id: crypto.randomUUID(), organization_id: other.organization.id, project_id: other.project.id },
      ...{ task_id: null, attempt: null, run_id: null, task_type: null, goal: '', result: '', feedback: '' },
      ...{
        execution_summary: 'The discount of invoices of others.',
        tool_usage: [],
        files: [],
        tags: [],
        success: true,
      },
      ...{ memory_type: 'discovery', type_reason: '', type_confidence: null, error_patterns: [] },
    },
    [],
    memoryThresholds,
  );
  const all = (await call('POST', '/memory/search', { task_description: 'discount invoices', search_mode: 'keyword' }))
    .body;
  expect(all.results).toHaveLength(2);
});

test('[MEM-03] while no provider makes vectors, memories are stored and found by their words', async () => {
  answers = false;
  const { memory_id } = await store('The queue of zebras drains at midnight.');
  expect((await call('GET', `/memory/${memory_id}`)).body).toMatchObject({ embedded: false });
  expect((await search('zebras midnight')).map(({ id }) => id)).toEqual([memory_id]);
  expect(await search('zebras midnight', { search_mode: 'semantic' })).toEqual([]);
});

test('[MEM-04] five tasks of a kind give a pattern that is half believed; people say more, within 0.2 at once', async () => {
  for (const name of ['alpha', 'beta', 'gamma', 'delta', 'epsilon'])
    await store(`Generated the ${name} parser from its grammar.`, {
      goal: `parser ${name}`,
      files: [`grammar/${name}.g`, 'grammar/base.g'],
    });
  const extract = (more: object) =>
    call('POST', '/memory/patterns/extract', { project_id, task_type_pattern: 'parser', ...more });
  const { body: pattern } = await extract({ min_samples: 5 });
  expect(pattern).toMatchObject({
    ...{ pattern_type: 'success', confidence_score: 0.5, sample_count: 5 },
    recommended_context: { files: ['grammar/base.g'] },
  });
  expect(pattern.success_indicators).toEqual(expect.arrayContaining(['grammar', 'generated', 'parser']));
  expect((await extract({ min_samples: 6 })).status).toBe(400);
  expect(await extract({ task_type_pattern: '(' })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'task_type_pattern' }] },
  });
  expect((await extract({ task_type_pattern: String.raw`(.)\1` })).status).toBe(422);
  const rate = (confidence_adjustment: number, helpful = true) =>
    call('POST', `/memory/patterns/${pattern.id}/feedback`, { helpful, confidence_adjustment });
  expect((await rate(0.3)).status).toBe(422);
  expect((await rate(0.2)).body).toMatchObject({ confidence_score: 0.7, helpful_count: 1 });
  // A renewed pattern keeps what people said of it.
  expect((await extract({ min_samples: 5 })).body).toMatchObject({ id: pattern.id, confidence_score: 0.7 });
  expect((await call('GET', `/memory/patterns?project_id=${project_id}&min_confidence=0.8`)).body.items).toEqual([]);
});

test('[MEM-06] [MEM-07] [MEM-08] a task that ended elsewhere is learned from in one call; a rule stands once, with its supports', async () => {
  const task = await newTask('Show the time of a booking');
  const complete = (more: object = {}) =>
    call('POST', '/memory/complete-task', {
      ...{ task_id: task.id, goal: 'Show the time of a booking', result: 'Changed src/booking/time.ts and its test.' },
      ...{ tool_usage: [{ tool_name: 'edit_file', arguments: { path: 'src/booking/zone.ts' }, result: 'done' }] },
      ...more,
    });
  const feedback = 'Be careful with timezones in bookings. RangeError: invalid date.';
  const { body: first } = await complete({ feedback });
  expect(first).toMatchObject({
    ...{ memory_type: 'warning', tags_added: ['implement_feature', 'PHASE_IMPLEMENTATION'] },
    files_linked: ['src/booking/time.ts', 'src/booking/zone.ts'],
    insights_found: [{ category: 'gotchas', content: 'Be careful with timezones in bookings.', confidence: 0.7 }],
    related_playbook_entries: [],
    playbook_delta: { operations: [{ operation: 'add' }], summary: '1 added, 0 supported' },
  });
  expect((first.errors_identified as { type: string }[]).map(({ type }) => type)).toContain('RangeError');
  const [rule] = first.updated_bullets as string[];
  expect(first.change_id).not.toBeNull();

  const { body: second } = await complete({
    result: 'Changed the page of bookings.',
    feedback: 'Be  careful with TIMEZONES in bookings.',
  });
  expect(second).toMatchObject({
    updated_bullets: [rule],
    change_id: null,
    playbook_delta: { summary: '0 added, 1 supported' },
  });
  const rules = (await call('GET', `/playbook?project_id=${project_id}&category=gotchas`)).body.items;
  expect(rules).toMatchObject([{ id: rule, version: 1, supporting_memory_ids: [first.memory_id, second.memory_id] }]);
  expect((await complete({ feedback: '' })).body).toMatchObject({ errors_identified: [], insights_found: [] });
  expect((await complete({ goal: 'too short' })).status).toBe(422);
  expect((await complete({ tool_usage: [] })).status).toBe(422);
});

test('[MEM-08] a rule is changed with a version each time, the newest change is undone, and no two say the same', async () => {
  const add = (content: string) => call('POST', '/playbook', { project_id, content, category: 'patterns' });
  expect((await add('too short')).status).toBe(422);
  const { body: rule } = await add('Name a migration after its table.');
  expect((await add('name a  migration after its table.')).status).toBe(409);
  const edited = await call('PATCH', `/playbook/${rule.id}`, {
    content: 'Name a migration after its ticket.',
    priority: 9,
  });
  expect(edited.body).toMatchObject({ version: 2, priority: 9 });
  const changes = async () =>
    (await call('GET', `/playbook/changes?project_id=${project_id}&entry_id=${rule.id}`)).body.items as {
      id: string;
      version: number;
      operation: string;
    }[];
  const [newest, oldest] = await changes();
  expect(newest).toMatchObject({
    version: 2,
    operation: 'update',
    old_content: { priority: 5 },
    new_content: { priority: 9 },
  });
  expect((await call('POST', `/playbook/changes/${oldest?.id}/undo`)).status).toBe(409);
  expect((await call('POST', `/playbook/changes/${newest?.id}/undo`)).body).toMatchObject({
    ...{ content: 'Name a migration after its table.', priority: 5, version: 3 },
  });
  const gone = await call('PATCH', `/playbook/${rule.id}`, { is_active: false, reason: 'not so any more' });
  expect(gone.body).toMatchObject({ is_active: false });
  expect(await changes()).toMatchObject([{ operation: 'delete' }, { version: 3 }, { version: 2 }, { version: 1 }]);
  expect((await add('Name a migration after its table.')).status).toBe(201);
});

test('[MEM-05] a task is given what is like it, within its tokens and once; what helped three tasks to fail falls behind', async () => {
  const lesson = await store('Export the report as CSV: quote every field of the report.', {
    goal: 'Export the report as CSV',
  });
  const rival = await store('Export the report as CSV: write fields of the report with a BOM.', {
    goal: 'Export the report as CSV',
  });
  const task = await newTask('Export the yearly report as CSV', 'The report has one line for each month.');
  const context = async () => (await call('GET', `/memory/tasks/${task.id}/context`)).body;
  const ranked = ((await context()).similar_tasks as { id: string }[]).map(({ id }) => id);
  expect(ranked.slice(0, 2).sort()).toEqual([lesson.memory_id, rival.memory_id].sort());
  const [top] = ranked as [string];

  for (const name of ['one', 'two', 'three']) {
    const { id } = await newTask(`Export ${name}`);
    const of = { organization_id, project_id, task_id: id, attempt: 1 };
    await server.store.memories.give(of, { memories: [top], entries: [], patterns: [] });
    await server.store.memories.give(of, { memories: [top], entries: [], patterns: [] });
    await server.store.memories.learn(
      {
        ...{ ...of, id: crypto.randomUUID(), run_id: null, task_type: 'x', goal: name, result: name, feedback: '' },
        ...{ execution_summary: name, tool_usage: [], files: [], tags: [], success: false, error_patterns: [] },
        ...{ memory_type: 'discovery', type_reason: '', type_confidence: null },
      },
      [],
      memoryThresholds,
    );
  }
  const after = (await context()).similar_tasks as { id: string; uses: object; reused_count: number }[];
  expect(after[0]?.id).not.toBe(top);
  expect(after.find(({ id }) => id === top)).toMatchObject({ uses: { helped: 0, failed: 3 }, reused_count: 3 });

  const many = Array.from({ length: 400 }, (_, i) => ({
    ...{ id: crypto.randomUUID(), content: `Rule ${i} of the project is kept.`, category: 'patterns' },
  }));
  const lessons = lessonsOf({ memories: [], patterns: [], rules: many as never }, 2000);
  expect(estimateTokens(lessons.text.length)).toBeLessThanOrEqual(2000);
  expect(lessons.entry_ids.length).toBeGreaterThan(50);
  expect(lessons.entry_ids.length).toBeLessThan(400);
});

import { diagnosisSchema } from '#workflows/domain/diagnosis.ts';
import { startRehearsalServer, type RehearsalServer } from '#activities/adapters/model/rehearsal/index.ts';
import { analysisSchema } from '#workflows/domain/tasks/analysis.ts';
import { contextBlock } from '#workflows/domain/agent/context-block.ts';
import { ask } from './ask.ts';
import { client } from './play-session.ts';

let server: RehearsalServer;
beforeAll(async () => {
  server = await startRehearsalServer();
});
afterAll(() => server.close());

const digest = (...lines: string[]) => `<data source="digest">\n${lines.join('\n')}\n</data>`;

describe('guardian', () => {
  test("a change outside the task's files is steered back in one sentence that names the file", async () => {
    const value = await ask(
      server.url,
      'guardian',
      'analyse',
      digest(
        'task: TSK-003 Hold',
        'files changed: src/a.js, src/log.js',
        "outside the task's files: src/log.js, src/b.js",
        'turns: 9',
      ),
      { title: 'Hold' },
    );
    expect(value).toMatchObject({
      trajectory_aligned: false,
      needs_steering: true,
      steering_type: 'refocus',
      accumulated_goal: 'Hold',
    });
    expect(value.alignment_score).toBeLessThan(0.7);
    expect(value.steering_recommendation).toMatch(/^[^.]*src\/log\.js[^.]*\.$|^Put src\/log\.js back[^.]+\.$/);
    expect(Object.keys(value.details as object)).toEqual([
      'phase_alignment',
      'constraint_violations',
      'missing_steps',
      'progress_indicators',
      'risk_factors',
    ]);
  });

  test.each(["outside the task's files: none", 'files changed: none'])('nothing is said against %s', async (line) => {
    const value = await ask(server.url, 'guardian', 'analyse', digest('task: TSK-003 Hold', line));
    expect(value).toMatchObject({ trajectory_aligned: true, needs_steering: false, steering_type: null });
    expect(value.alignment_score).toBeGreaterThanOrEqual(0.85);
  });
});

test('the answer is that of the only tool, whatever its name', async () => {
  expect(await ask(server.url, 'conductor', 'find_duplicates', 'x')).toEqual({ duplicates: [] });
  expect(await ask(server.url, 'memory', 'remember', 'x')).toMatchObject({ lessons: [] });
});

test('a title comes from the request', async () => {
  expect(
    await ask(
      server.url,
      'title',
      'give_title',
      '<data source="request">\nMembers want to put their name down.\n</data>',
    ),
  ).toEqual({ title: 'Renew and reserve' });
  expect(
    await ask(server.url, 'title', 'give_title', '<data source="request">\nLet members pay by card.\nSoon.\n</data>'),
  ).toEqual({ title: 'Let members pay by card' });
});

test('an analysis fits its schema', async () => {
  expect(
    analysisSchema.parse(await ask(server.url, 'analysis', 'analyse', 'x', { title: 'Renew a loan' })),
  ).toMatchObject({ execution_mode: 'implementation', requires_tests: true });
  expect(
    analysisSchema.parse(await ask(server.url, 'analysis', 'analyse', 'x', { title: 'Why?', mode: 'exploration' })),
  ).toMatchObject({ execution_mode: 'exploration', requires_code_changes: false });
});

test('a diagnosis quotes what failed', async () => {
  expect(
    await ask(server.url, 'diagnosis', 'diagnose', '<data>\nok 1 - a\nnot ok 2 - ends of months\n</data>'),
  ).toMatchObject({
    category: 'code',
    root_cause: 'The test "ends of months" fails.',
    evidence: 'not ok 2 - ends of months',
  });
  expect(
    await ask(
      server.url,
      'diagnosis',
      'diagnose',
      '# How it ended\nmax_turns_reached: 150 turns are used.\nnot ok 1 - a',
    ),
  ).toMatchObject({ category: 'limit', evidence: 'max_turns_reached: 150 turns are used.' });
  expect(await ask(server.url, 'diagnosis', 'diagnose', 'x', { title: 'Renew' })).toMatchObject({ category: 'model' });
});

test('a diagnosis of a standstill fits its schema, and says when the script alone is the cause', async () => {
  const text = '<data>\nnot ok 2 - ends of months\n</data>';
  expect(diagnosisSchema.parse(await ask(server.url, 'diagnostic', 'explain', text, { title: 'Renew' }))).toMatchObject(
    {
      cause: 'code',
      root_cause: 'The test "ends of months" fails.',
    },
  );
  expect(diagnosisSchema.parse(await ask(server.url, 'diagnostic', 'explain', 'x', { title: 'Renew' })).cause).toBe(
    'model',
  );
});

test('the judge turns down what cannot be tested', async () => {
  expect(
    await ask(server.url, 'judge', 'judge', 'text: Renewing a loan will be quick and easy for members, etc.'),
  ).toMatchObject({ passed: false, reasons: ['"quick and easy for members, etc" cannot be tested.'] });
  expect(await ask(server.url, 'judge', 'judge', 'WHEN a member renews')).toMatchObject({ passed: true });
});

test('no two things are duplicates', async () => {
  expect(await ask(server.url, 'dedup', 'compare', 'x')).toMatchObject({ is_duplicate: false });
});

test('a summary is given in text, whatever tools its request has', async () => {
  const { content, stop_reason: reason } = await client(server.url).messages.create({
    model: 'claude-haiku-5-5',
    max_tokens: 2000,
    tools: ['bash', 'read_file'].map((name) => ({ name, input_schema: { type: 'object' as const } })),
    messages: [{ role: 'user', content: contextBlock({ kind: 'compaction', title: 'Renew a loan' }) }],
  });
  expect(reason).toBe('end_turn');
  expect(content).toMatchObject([{ type: 'text', text: expect.stringContaining('Renew a loan') as string }]);
});

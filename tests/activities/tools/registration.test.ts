import { z } from 'zod';
import { callFacts, runInline } from '#activities/agent/run-calls.ts';
import type { Services } from '#activities/ports/services.ts';
import { agentTools } from '#activities/tools/index.ts';
import { defineTool } from '#activities/tools/support/define-tool.ts';
import { createToolBox } from '#activities/tools/support/tool-box.ts';
import type { AgentTool, PlatformContext } from '#activities/tools/support/tool.ts';
import { ToolFailure } from '#activities/tools/support/tool-failure.ts';
import type { RunKind } from '#workflows/domain/agent/run.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { CallResult, ToolCall } from '#prisma/store/tool-calls.ts';
import { Bench } from './bench.ts';

/** A made-up tool, written as its file tools/count-stars.ts would be. */
const countStars = defineTool({
  name: 'count_stars',
  sessions: ['task', 'merge'],
  effect: 'read',
  description: 'Count the stars of a constellation.',
  schema: z.strictObject({ constellation: z.string().min(1).describe('Its name.') }),
  async run({ constellation }, { record, services }: PlatformContext) {
    if (constellation === 'Nowhere')
      throw new ToolFailure('not_found', 'There is no such constellation. Call it again.');
    const { patch } = await services.repositories.diff(record.project_id, 'a', 'b', { maxBytes: 100 });
    return {
      text: constellation === 'Galaxy' ? '*'.repeat(10_000) : patch.replaceAll('+', '*'),
      outcome: { kind: 'planned' },
    };
  },
});

const tools: readonly AgentTool[] = [...agentTools, countStars];

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => bench.close());

const offered = (kind: RunKind, phase: 'prd' | null = null) =>
  (JSON.parse(createToolBox(services(), tools).definitions({ kind, phase })) as { name: string }[]).map(
    ({ name }) => name,
  );

/** The services that a call uses, in memory: results as they would be stored. */
function services(stored: { call: ToolCall; result: CallResult }[] = []): Services {
  return {
    config: { tools: { result_chars: 2000, command_timeout: 120, command_max_timeout: 600 } },
    redact: (text: string) => text.replaceAll('secret', '[redacted]'),
    sandbox: bench.port,
    repositories: { diff: () => Promise.resolve({ patch: '+++ secret' }) },
    store: {
      toolCalls: {
        finish: (_run: Run, results: { call: ToolCall; result: CallResult }[]) => {
          stored.push(...results);
          return Promise.resolve({
            news: { urgent: false, called_back: 0 },
            calls: results.map(({ call, result: { text, ...rest } }) => ({
              ...call,
              ...rest,
              is_error: rest.is_error ?? false,
              status: 'done',
              result: text,
            })),
          });
        },
      },
    },
  } as unknown as Services;
}

const run = {
  id: 'run',
  project_id: 'p',
  kind: 'task',
  mode: 'implementation',
  phase: null,
  sandbox_id: 'omoios-00000000-000000',
  settings: {},
  tools: '[]',
} as unknown as Run;

/** A call as the model makes it: read from an answer, run with the turn, stored. */
async function called(input: object, kind = 'task') {
  const stored: { call: ToolCall; result: CallResult }[] = [];
  const world = services(stored);
  const box = createToolBox(world, tools);
  const [read] = box.readCalls({
    id: 'msg',
    model: 'm',
    stop_reason: 'tool_use',
    content: [{ type: 'tool_use', id: 'toolu_1', name: 'count_stars', input }],
    malformed: [],
    usage: { input_tokens: 1, output_tokens: 1, cache_read_tokens: 0, cache_write_tokens: 0 },
  });
  const call = {
    ...read,
    turn: 1,
    status: 'pending',
    edit_plan: null,
    outcome: null,
    is_error: false,
    error_kind: null,
    result: null,
  };
  const [done] = await runInline(
    { services: world, tools: box, run: { ...run, kind }, signal: new AbortController().signal },
    [call as unknown as ToolCall],
  );
  if (!done) throw new Error('The call has no result.');
  return { result: stored[0]?.result, facts: callFacts(done, box.effectOf(done.name)) };
}

describe('a tool that is added by its file and its line in the list', () => {
  test('is offered, sorted, to the sessions that it names', () => {
    expect(offered('task')).toContain('count_stars');
    expect(offered('merge')).toContain('count_stars');
    expect(offered('phase', 'prd')).not.toContain('count_stars');
    expect(offered('validation')).not.toContain('count_stars');
    expect(offered('task')).toEqual(offered('task').toSorted());
  });

  test('that writes to other agents is offered only where agents may write to each other', () => {
    const talk = ['request_handoff', 'send_message'];
    const names = (collaborates: boolean) =>
      (
        JSON.parse(createToolBox(services(), tools).definitions({ kind: 'task', phase: null, collaborates })) as {
          name: string;
        }[]
      ).map(({ name }) => name);
    expect(names(true).filter((name) => !names(false).includes(name))).toEqual(talk);
    expect(offered('task')).not.toContain('send_message');
  });

  test('is called with record and services, and its result is stored like that of any tool', async () => {
    const { result, facts } = await called({ constellation: 'Orion' });
    expect(result).toMatchObject({ text: '*** [redacted]', outcome: { kind: 'planned' } });
    expect(result?.duration_ms).toBeGreaterThanOrEqual(0);
    expect(facts).toMatchObject({
      name: 'count_stars',
      effect: 'read',
      done: true,
      is_error: false,
      outcome: { kind: 'planned' },
    });
  });

  test('has its input checked, its failures turned into results and its text cut', async () => {
    expect((await called({ constelation: 'Orion' })).result).toMatchObject({ is_error: true, error_kind: 'bad_input' });
    expect((await called({ constellation: 'Nowhere' })).result).toMatchObject({
      is_error: true,
      error_kind: 'not_found',
      text: 'There is no such constellation. Call it again.',
    });
    expect((await called({ constellation: 'Galaxy' })).result?.text.length).toBeLessThanOrEqual(2000);
  });

  test('is unknown in a session that is not offered it', async () => {
    expect((await called({ constellation: 'Orion' }, 'validation')).result).toMatchObject({
      is_error: true,
      error_kind: 'unknown_tool',
    });
  });
});

test('each session reads by the same tools and is ended by one of its own', () => {
  const sessions = (['phase', 'task', 'validation', 'merge', 'explore'] as const).map((kind) => ({
    kind,
    names: offered(kind, kind === 'phase' ? 'prd' : null),
  }));
  const reads = ['bash', 'list_files', 'read_file', 'search_files'];
  for (const { names } of sessions) expect(names).toEqual(expect.arrayContaining(reads));
  const ends = sessions.map(({ kind, names }) => [kind, ...names.filter((name) => /^(submit|complete)_/.test(name))]);
  expect(ends).toEqual([
    ['phase', 'submit_prd'],
    ['task', 'complete_task'],
    ['validation', 'submit_review'],
    ['merge', 'complete_task'],
    // It ends with its answer.
    ['explore'],
  ]);
  const given = (tool: string) => sessions.filter(({ names }) => names.includes(tool)).map(({ kind }) => kind);
  expect(given('ask_user')).toEqual(['phase', 'task', 'merge']);
  expect(given('report_discovery')).toEqual(['task']);
  expect(given('explore')).toEqual(['phase', 'task', 'validation', 'merge']);
  expect(sessions.at(-1)?.names).toEqual(reads);
});

test('two tools of one name are refused at the start', () => {
  expect(() => createToolBox(services(), [...tools, countStars])).toThrow('same name');
});

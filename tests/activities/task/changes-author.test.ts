import { authorOfChanges } from '#activities/task/changes-author.ts';

type Services = Parameters<typeof authorOfChanges>[0];
type Task = Parameters<typeof authorOfChanges>[1];

/** The tokens of a conversation that leaves room, and of one that does not. */
const [short, long] = [40_000, 140_000];

/** Which run makes changes of these files, where tasks have changed files of their own. */
async function authorOf(
  paths: (string | undefined)[],
  work: Record<string, { files: string[]; continues?: string; tokens?: number; model?: string; status?: string }>,
): Promise<string | undefined> {
  const carrier = {
    id: 'changes',
    organization_id: 'o',
    project_id: 'p',
    description: 'Rename it.',
    execution_config: {},
  };
  const tasks = Object.keys(work).map((name) => ({
    ...carrier,
    id: name,
    status: work[name]?.status ?? 'completed',
    result: { run_id: name },
    base_sha: 'base',
    head_sha: name,
  }));
  const services = {
    config: { model: { name: 'm' }, context: { summarise_over_tokens: 100_000 } },
    model: { provider: 'anthropic' },
    repositories: {
      resolve: async (_project: string, sha: string) => sha,
      changedFiles: async (_project: string, _base: string, head: string) =>
        (work[head]?.files ?? []).map((path) => ({ path })),
    },
    store: {
      pullRequests: {
        requesting: async () => ({
          number: 7,
          ticket_id: 't',
          comments: paths.map((path) => ({ body: 'Rename it.', path, task_id: 'changes' })),
        }),
      },
      tasks: {
        ofTicket: async () => [...tasks, { ...carrier, status: 'assigned', result: null }],
        byIds: async () => [],
      },
      runs: {
        get: async (_organization: string, id: string) => ({
          id,
          organization_id: 'o',
          turn: 3,
          mode: 'implementation',
          status: 'completed',
          provider: 'anthropic',
          model: work[id]?.model ?? 'm',
          settings: work[id]?.continues ? { continues: { run_id: work[id].continues } } : {},
          limits: { compact_at_tokens: 150_000, idle_compact_at_tokens: 60_000, cache_ttl_seconds: 300 },
        }),
      },
      turns: {
        get: async (_organization: string, id: string) => ({
          input_tokens: work[id]?.tokens ?? short,
          cache_read_tokens: 0,
          cache_write_tokens: 0,
          output_tokens: 0,
          ended_at: new Date(),
        }),
      },
    },
  };
  // Only these methods and fields are read.
  const given = [services as unknown as Services, carrier as unknown as Task] as const;
  return (await authorOfChanges(...given, 'implementation'))?.run.id;
}

const a = { files: ['a.js', 'both.js'] };
const b = { files: ['b.js', 'both.js'] };

test.each<[string, Parameters<typeof authorOf>, string | undefined]>([
  ['the only author', [[undefined], { a }], 'a'],
  ['the only author, whatever file is named', [['other.js'], { a }], 'a'],
  ['the author of the file', [['b.js'], { a, b }], 'b'],
  ['none of several authors of the file', [['both.js'], { a, b }], undefined],
  ['none of several authors where no file is named', [[undefined], { a, b }], undefined],
  ['the run that continued the author', [['both.js'], { a, b: { ...b, continues: 'a' } }], 'b'],
  ['nobody with a long conversation', [[undefined], { a: { ...a, tokens: long } }], undefined],
  ['nobody of another model', [[undefined], { a: { ...a, model: 'other' } }], undefined],
  ['nobody whose work failed', [[undefined], { a: { ...a, status: 'failed' } }], undefined],
])('requested changes go to %s', async (_who, given, expected) => {
  expect(await authorOf(...given)).toBe(expected);
});

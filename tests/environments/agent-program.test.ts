import { finishByProgram, isOfProgram, sdkFolder } from '#tests/support/agent-sdk.ts';
import { answerValue, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { World } from '#tests/chaos/world.ts';

let world: World;
beforeAll(async () => {
  world = await World.start({
    RUNNER: 'claude-agent-sdk',
    OMOIOS_RUN_SDK_FOLDER: sdkFolder(),
    OMOIOS_MODEL_IDLE_TIMEOUT: '60',
  });
  world.values = (request) => (isOfProgram(request) ? undefined : answerValue(request));
}, 400_000);
afterAll(() => world.stop());

const files = { 'src/by-program.js': 'export const answer = 42;\n' };

/** Plays the SDK's conversation by `play`, and everything else of the task as usual. */
const worked =
  (play: (request: Played) => Reply | Promise<Reply>) =>
  (request: Played): Reply | Promise<Reply> =>
    isOfProgram(request)
      ? play(request)
      : request.context.kind === 'validation'
        ? reviewPasses(request)
        : finishTask(request, files);

const costsOf = (run: string) =>
  world.records.rows('SELECT id, cost_micros FROM cost_records WHERE run_id = $1 ORDER BY created_at', [run]);

test('[EXEC-16] the Claude Agent SDK takes a task from its ticket to an open pull request, in a sandbox without network', async () => {
  const place = await world.place(worked((request) => finishByProgram(request, files)));
  const ticket = await world.ticket(place);
  const pull = await world.pullRequest(ticket, 200_000);
  expect(place.repository.git('show', `${pull.branch}:src/by-program.js`)).toContain('answer = 42');
  const run = await world.runOf(ticket);
  const { items } = await world.stack.api.get<{ items: { turn: number }[] }>(`/runs/${run}/turns`);
  expect(items.map(({ turn }) => turn)).toEqual([1, 2, 3]);
  // The ledger has each answer once, and nothing else.
  expect(await costsOf(run)).toHaveLength(world.model.answered.get(`run:${run}`) ?? -1);
}, 300_000);

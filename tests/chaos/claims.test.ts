import { workflowId } from '#workflows/contracts/ids.ts';
import { testCommand } from '#tests/support/repository.ts';
import { share } from '#tests/support/share.ts';
import { call } from '#tests/support/scripts.ts';
import { broken } from './invariants.ts';
import { playWork, review } from './played-work.ts';
import { World } from './world.ts';

const criteria = [{ id: 'C-1', text: 'The tests pass.' }];
/** Seconds of the project's check: it is under way when the kill comes. */
const slow = 4;

describe('a completion that is claimed by REST', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.stop());

  /** A run whose agent has shown its work, and says nothing more. */
  async function silentRun() {
    const place = await world.place(
      (request) => {
        if (request.context.kind === 'validation') return playWork(request, review);
        const command = `echo 'export {};' > src/claimed.js; ${testCommand}`;
        const tool_use_id = `toolu_shown_${request.user_id.slice(-12)}`;
        return request.step === 0 ? { tools: [call('bash', { command }, tool_use_id)] } : { hang: true };
      },
      { checks: [`sleep ${slow}; ${testCommand}`] },
    );
    const ticket = await world.ticket(place, { criteria });
    const run = await world.runOf(ticket);
    const { api } = world.stack;
    await api.until<{ turn: number; step?: string }>(`/runs/${run}`, ({ turn }) => turn === 1, 60_000);
    const asked = () => world.asked.filter(({ run_id: id }) => id === run).length;
    await api.until(`/runs/${run}`, () => asked() >= 2, 60_000);
    const evidence = [{ criterion_id: 'C-1', tool_use_id: `toolu_shown_${run.slice(-12)}` }];
    const claim = () =>
      api.post<{ claim: string }>(`/runs/${run}/task-complete`, {
        task_id: ticket.task_id,
        success: true,
        result: { summary: 'Wrote it.', evidence },
      });
    return { ...ticket, run, claim };
  }

  const isChecked = (run: string) =>
    world.stack.api.until<{ step: string }>(`/runs/${run}/progress`, ({ step }) => step.startsWith('checking'), 60_000);

  const moments: [string, (run: string) => Promise<unknown>][] = [
    ['between the claim and its check', async () => {}],
    ['while the claim is checked', isChecked],
  ];
  test.each(share(moments))('[EXEC-25] is checked once though the worker dies %s', async (_when, moment) => {
    const { run, claim, task_id, id } = await silentRun();
    expect(await claim()).toMatchObject({ claim: 'taken' });
    await moment(run);
    world.stack.kill('application');
    await world.stack.ready();
    const { api } = world.stack;
    expect(['taken', 'known']).toContain((await claim()).claim);
    await api.until<{ status: string }>(`/tasks/${task_id}`, ({ status }) => status === 'completed', 120_000);
    expect(await claim()).toMatchObject({ claim: 'known', new_status: 'completed' });
    const { client, close } = await world.stack.temporal();
    const { events } = await client.workflow.getHandle(workflowId.run(run)).fetchHistory();
    await close();
    const checks = (events ?? []).filter(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'settleIteration',
    );
    expect(checks).toHaveLength(1);
    const judged = await world.records.rows(
      "SELECT data FROM events WHERE entity_id = $1 AND type = 'run.iteration.validation'",
      [run],
    );
    expect(judged).toMatchObject([{ data: { passed: true, iteration: 1 } }]);
    expect(broken(await world.evidence([id]))).toEqual([]);
  });
});

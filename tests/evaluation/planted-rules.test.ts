import type { Reply } from '#tests/support/played-model.ts';
import { Hold } from '#tests/support/hold.ts';
import { call } from '#tests/support/scripts.ts';
import { finish, watch, type Play } from './support/session.ts';

const inTask = [
  'Rule 1: names are English.',
  'Rule 2: no function over 20 lines.',
  'Rule 3: "quoted" — with a dash, `code` and an Ümlaut.',
  'Rule 4: never touch src/sum.js.',
  'Rule 5: 0 < n && n <= 10 holds.',
  'Rule 6: keep the file README.md.',
];
const bySteering = [
  { kind: 'constraint', message: 'Rule 7: no new dependency.' },
  { kind: 'constraint', message: 'Rule 8: two lines\n  with "indentation" stay as they are.' },
  { kind: 'constraint', message: 'Rule 9: only files under src/.' },
  { kind: 'redirect', message: 'Rule 10: do the doubling first.' },
  { kind: 'refocus', message: 'Rule 11: leave the tests of others alone.' },
];
const byMessage = 'Rule 12: say what you did in one sentence.';
const rules = [...inTask, ...bySteering.map((steer) => steer.message), byMessage];

/** Fills the context at these turns, so that the next one begins a new epoch. */
const fullAt = [3, 5, 7];

/** A run to which all rules are given, and which is shortened three times. */
async function shortened(summary: Reply | undefined, how: string): Promise<void> {
  const firstTurn = new Hold();
  const play: Play = async (turn, request) => {
    if (turn === 1) await firstTurn.here();
    const usage = fullAt.includes(turn) ? { usage: { input_tokens: 160_000 } } : {};
    return turn <= 8 ? { tools: [call('bash', { command: `echo turn ${turn}` })], ...usage } : finish(turn, 9, request);
  };
  const options = {
    description: `double(n) in src/double.js\n${inTask.join('\n')}`,
    others: (request: { context: { kind: string } }) => (request.context.kind === 'compaction' ? summary : undefined),
  };
  await watch(play, options, async (session) => {
    // Said before it asks for its first turn, they would stand beside the task, which every epoch begins with.
    await firstTurn.reached;
    const run = await session.run();
    for (const steer of bySteering) await session.api.post(`/runs/${run.id}/steer`, steer);
    await session.api.post(`/runs/${run.id}/messages`, { kind: 'user_message', content: byMessage });
    const lifted = await session.api.post<{ message_id: string }>(`/runs/${run.id}/steer`, {
      kind: 'constraint',
      message: 'A rule that is lifted again.',
    });
    firstTurn.release();
    await session.run((now) => now.turn >= 1);
    await session.api.request('DELETE', `/runs/${run.id}/constraints/${lifted.message_id}`);
    const ended = await session.ended();
    expect(ended).toMatchObject({ status: 'completed', epoch: 3 });
    const asked = session.asked(ended);
    const firstOfEpoch = fullAt.map((turn) => asked[turn]);
    for (const request of firstOfEpoch) {
      expect(request?.text).toContain('Older parts of this conversation were left out');
      expect(rules.filter((rule) => !request?.text.includes(rule))).toEqual([]);
      expect(/## Constraints in force\n([\s\S]*?)\n\n/.exec(request?.text ?? '')?.[1]).not.toContain('lifted again');
    }
    // The last epoch holds them once each: what is kept does not pile up.
    const text = firstOfEpoch[2]?.text ?? '';
    expect({ notOnce: rules.filter((rule) => text.split(rule).length !== 2), text }).toEqual({ notOnce: [], text });
    expect(
      (await session.events(ended))
        .filter((event) => event.type === 'run.context.compacted')
        .map((event) => event.data.how),
    ).toEqual([how, how, how]);
  });
}

describe('twelve rules, by task and by steering, stand word for word after three epochs', () => {
  test.concurrent('where a model sums up, whatever it leaves out', async () => {
    await shortened(undefined, 'summarised');
  });

  test.concurrent('where no model can sum up: what the platform keeps and the newest turns', async () => {
    await shortened(
      { status: 400, error: { type: 'invalid_request_error', message: 'No summaries today.' } },
      'state_only',
    );
  });
});

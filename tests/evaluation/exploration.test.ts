import type { Played, Reply } from '#tests/support/played-model.ts';
import { smallProject } from '#tests/support/repository.ts';
import { call } from '#tests/support/scripts.ts';
import { finish, watch, type Play, type Session } from './support/session.ts';

interface Explorer {
  id: string;
  kind: string;
  status: string;
  caller_run_id: string | null;
  cost_micros: number;
  outcome: { summary?: string } | null;
  turn: number;
}

const files = {
  ...smallProject,
  'src/tax.js': 'export const tax = (n) => n * 0.2;\n',
  'src/shop/cart.js': 'import "../tax.js";\n',
};
/** The question has the word by which the request is given to this test's model. */
const ask = (request: Played, about: string) =>
  call('explore', { question: `${about}, for ${request.context.title}?`, paths: ['src'] });

/** An explorer that reads once, then gives each of the answers in turn. */
const explorer =
  (answers: Record<string, string[]>) =>
  (request: Played): Reply | undefined => {
    if (request.context.kind !== 'explore') return undefined;
    const about = Object.keys(answers).find((key) => request.context.title?.includes(key)) ?? '';
    const given = request.body.messages.filter((message) => message.role === 'assistant').length;
    if (given === 0) return { tools: [call('search_files', { pattern: 'tax' })] };
    return { text: answers[about]?.[given - 1] ?? 'Nothing.' };
  };

const explorersOf = async (session: Session) =>
  (await session.api.get<{ items: Explorer[] }>(`/runs?task_id=${session.task_id}&kind=explore`)).items;

describe('an agent lets other agents explore the code', () => {
  test.concurrent(
    'two questions are answered at the same time, from its files as they are now, with lines that exist',
    async () => {
      const play: Play = (turn, request) => {
        if (turn === 1)
          return {
            tools: [
              call('write_file', { path: 'src/rate.js', content: 'export const rate = 0.3;\n' }),
              ask(request, 'Where is the rate'),
              ask(request, 'Who uses the tax'),
            ],
          };
        return finish(turn, 2, request);
      };
      const others = explorer({
        'Where is the rate': ['It is in src/rate.js:1.'],
        'Who uses the tax': ['The cart does.', 'src/shop/cart.js:1 and src/other.js:9 do.'],
      });
      await watch(play, { files, others }, async (session) => {
        const run = await session.ended();
        expect(run).toMatchObject({ status: 'completed' });
        const [first, second] = session.asked(run)[1]?.results.slice(1) ?? [];
        expect(first).toMatchObject({ is_error: false });
        expect(first?.text).toContain('It is in src/rate.js:1.');
        expect(second?.text).toContain('(These places do not exist: src/other.js:9.)');

        const explorers = await explorersOf(session);
        expect(explorers.map(({ status, caller_run_id: caller }) => [status, caller])).toEqual([
          ['completed', run.id],
          ['completed', run.id],
        ]);
        const openings = session.model.requests.filter((request) => request.context.kind === 'explore');
        expect(openings[0]?.text).toMatch(/^src\/ rate\.js/m);
        expect(openings[0]?.body.tools?.map((tool) => tool.name)).toEqual([
          'bash',
          'list_files',
          'read_file',
          'search_files',
        ]);
        // The run that asks pays: its budget has the cost of all three.
        const { budgets } = await session.api.get<{ budgets: { scope_type: string; spent_amount: number }[] }>(
          `/costs/budgets/check?scope_type=run&scope_id=${run.id}`,
        );
        const spent = explorers.reduce((sum, one) => sum + one.cost_micros, run.cost_micros);
        expect(budgets.find(({ scope_type }) => scope_type === 'run')?.spent_amount).toBeCloseTo(spent / 1e6, 6);
      });
    },
  );

  test.concurrent('an exploration without an answer is an error that the agent reads, and stop ends both', async () => {
    const play: Play = (turn, request) => {
      if (turn === 1) return { tools: [ask(request, 'What is silent')] };
      if (turn === 2) return { tools: [ask(request, 'What hangs')] };
      return finish(turn, 3, request);
    };
    const others = (request: Played): Reply | undefined => {
      if (request.context.kind !== 'explore') return undefined;
      if (request.context.title?.includes('What hangs')) return { hang: true };
      return { tools: [call('read_file', { line: 1 })] };
    };
    await watch(play, { files, others }, async (session) => {
      const run = await session.run((one) => one.turn === 2);
      expect(session.asked(run)[1]?.results[0]).toMatchObject({ is_error: true });
      expect(session.asked(run)[1]?.results[0]?.text).toMatch(
        /^The exploration ended without an answer: .*unreadable input/,
      );
      await session.api.until<{ items: Explorer[] }>(`/runs?task_id=${session.task_id}&kind=explore`, ({ items }) =>
        items.some((one) => one.status === 'running'),
      );
      await session.api.post(`/runs/${run.id}/stop`, {});
      expect(await session.ended()).toMatchObject({ status: 'cancelled' });
      expect((await explorersOf(session)).map(({ status }) => status).sort()).toEqual(['cancelled', 'failed']);
    });
  });
});

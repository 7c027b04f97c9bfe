import { eventually } from '#tests/support/api.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { smallProject } from '#tests/support/repository.ts';
import { call } from '#tests/support/scripts.ts';
import { refusals } from './support/refusals.ts';
import { finish, watch, type Event } from './support/session.ts';

const bash = (command: string): Reply => ({ tools: [call('bash', { command })] });

describe('a run', () => {
  test.concurrent(
    '[EXEC-17] that never says it is done fails after ten iterations, with the reason and notes of each',
    async () => {
      const play = (turn: number): Reply =>
        turn % 2 === 1 ? bash(`echo step ${turn}`) : { text: 'I believe that is all.' };
      await watch(play, {}, async (session) => {
        const run = await session.ended();
        expect(run).toMatchObject({ status: 'failed', stop_reason: 'max_iterations_reached', iteration: 10, turn: 20 });
        expect(run.error_message).toContain('10 iterations ended without accepted work');
        const events = await session.events(run);
        expect(
          events.filter((event) => event.type === 'run.iteration.validation').map((event) => event.data.passed),
        ).toEqual(Array.from({ length: 10 }, () => false));
        expect(
          events.filter((event) => event.type === 'run.iteration.started').map((event) => event.data.iteration_num),
        ).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
        // All in one conversation.
        expect(session.asked(run).at(-1)?.text).toContain('Iteration 9 ended and the work is not done');
        expect(session.asked(run).at(-1)?.text).toContain('step 1');
      });
    },
  );

  test.concurrent('[EXEC-20] has its events, its way and its task read page by page without gaps', async () => {
    const files = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`notes/${i}.txt`, `note ${i}\n`]));
    const play = (turn: number, request: Played): Reply =>
      turn <= 10
        ? {
            tools: [
              ...Array.from({ length: 25 }, (_, i) => call('read_file', { path: `notes/${25 * (turn - 1) + i}.txt` })),
              call('search_files', { pattern: `note ${turn}` }),
            ],
          }
        : finish(turn, 11, request);
    await watch(play, { files: { ...smallProject, ...files } }, async (session) => {
      const run = await session.ended();
      await session.taskEnded();
      const all = await session.events(run);
      expect(all.length).toBeGreaterThan(250);
      expect(all.map((event) => event.seq)).toEqual([...all.map((event) => event.seq)].sort((a, b) => a - b));
      const paged = async (
        url: string,
        next: (body: { items: Event[]; next_cursor: string | number | null; has_more?: boolean }) => string | null,
      ) => {
        const items: Event[] = [];
        let at: string | null = '';
        while (at !== null) {
          const body: { items: Event[]; next_cursor: string | number | null; has_more?: boolean } =
            await session.api.get(`${url}${at}`);
          items.push(...body.items);
          at = next(body);
        }
        return items.map((event) => event.seq);
      };
      expect(
        await paged(`/sandboxes/${run.id}/events?limit=100`, (body) =>
          body.next_cursor === null ? null : `&after=${body.next_cursor}`,
        ),
      ).toEqual(all.map((event) => event.seq));
      const way = all.filter((event) => !(event.data.tool === 'search_files')).map((event) => event.seq);
      expect(way.length).toBeLessThan(all.length);
      const onward = (body: { next_cursor: string | number | null; has_more?: boolean }) =>
        body.has_more ? `&cursor=${body.next_cursor}` : null;
      expect(await paged(`/sandboxes/${run.id}/trajectory?limit=100`, onward)).toEqual(way);
      expect(await paged(`/sandboxes/${run.id}/trajectory?limit=70&direction=backward`, onward)).toEqual(
        [...way].reverse(),
      );
      const turns = await session.api.get<{ items: Event[] }>(
        `/sandboxes/${run.id}/events?limit=1000&event_type=run.turn.completed`,
      );
      expect(turns.items.map((event) => event.data.turn)).toEqual(Array.from({ length: run.turn }, (_, i) => i + 1));
      expect(await session.api.get(`/sandboxes/${run.id}/task`)).toMatchObject({ id: session.task_id });
      await refusals('GET', (id) => `/sandboxes/${id}/events`, run.id);
      await refusals('GET', (id) => `/sandboxes/${id}/trajectory`, run.id);
      expect((await session.api.request('GET', `/sandboxes/${run.id}/trajectory?direction=sideways`)).status).toBe(422);
    });
  });

  test.concurrent(
    '[EXEC-21] takes messages while it works: an interrupt stops a long command, each is delivered once and in order, an ended run refuses',
    async () => {
      await watch(
        (turn, request) => (turn === 1 ? bash('echo started; sleep 300') : finish(turn, 2, request)),
        {},
        async (session) => {
          const run = await session.run((now) => now.turn === 1);
          await eventually('the command runs', async () =>
            (await session.events(run)).some((event) => event.type === 'run.tool.started'),
          );
          const url = `/sandboxes/${run.id}/messages`;
          for (const bad of [{ content: '' }, { content: '   ' }, {}, { content: 'x', message_type: 'shout' }])
            expect((await session.api.request('POST', url, bad)).status).toBe(422);
          await refusals('POST', (id) => `/sandboxes/${id}/messages`, run.id);
          const began = Date.now();
          const ids: string[] = [];
          for (const message_type of ['user_message', 'guardian_nudge', 'system', 'interrupt']) {
            const sent = await session.api.request<{ message_id: string }>('POST', url, {
              message_type,
              content: `Word of kind ${message_type}`,
            });
            expect(sent.status).toBe(202);
            ids.push(sent.body.message_id);
          }
          await session.run((now) => now.turn >= 2);
          expect(Date.now() - began).toBeLessThan(60_000);
          const next = session.asked(run)[1];
          expect(next?.results[0]).toMatchObject({
            is_error: true,
            text: expect.stringMatching(/Interrupted: the command was ended|Its effects until then remain/),
          });
          const order = ['user_message', 'guardian_nudge', 'system', 'interrupt'].map(
            (kind) => next?.last.indexOf(`Word of kind ${kind}`) ?? -1,
          );
          expect(order.every((at, i) => at > (order[i - 1] ?? 0))).toBe(true);
          const done = await session.ended();
          expect(done.status).toBe('completed');
          const { items } = await session.api.get<{
            items: { id: string; status: string; delivered_at_turn: number }[];
          }>(url);
          expect(items.map(({ id, status, delivered_at_turn }) => [id, status, delivered_at_turn])).toEqual(
            ids.map((id) => [id, 'delivered', 2]),
          );
          const queued = (await session.events(run)).filter((event) => event.type === 'run.message.queued');
          expect(queued.map((event) => event.data.message_id)).toEqual(ids);
          expect(await session.api.request('POST', url, { content: 'Too late' })).toMatchObject({
            status: 409,
            body: { message: expect.stringContaining('The run has ended') },
          });
          expect(
            session
              .asked(run)
              .map((request) => request.text.split('Word of kind interrupt').length - 1)
              .at(-1),
          ).toBe(1);
        },
      );
    },
  );

  test.concurrent('[EXEC-22] reports the changes of each turn, by tools and by commands, deletions too', async () => {
    const long = Array.from({ length: 300 }, (_, i) => `line ${i}`).join('\n');
    const play = (turn: number, request: Played): Reply =>
      [
        { tools: [call('edit_file', { path: 'src/sum.js', old_text: 'a + b', new_text: 'b + a' })] },
        bash('rm README.md && echo made > made.txt'),
        { tools: [call('write_file', { path: 'long.txt', content: `${long}\n` })] },
      ][turn - 1] ?? finish(turn, 4, request);
    await watch(play, {}, async (session) => {
      const run = await session.ended();
      const edits = (await session.events(run))
        .filter((event) => event.type === 'run.file_edited')
        .map((event) => event.data);
      expect(edits.find((edit) => edit.file_path === 'src/sum.js')).toMatchObject({
        turn: 1,
        change_type: 'modified',
        lines_added: 1,
        lines_removed: 1,
        diff_preview: expect.stringContaining(
          '-export const sum = (a, b) => a + b;\n+export const sum = (a, b) => b + a;',
        ),
      });
      expect(edits.find((edit) => edit.file_path === 'README.md')).toMatchObject({
        turn: 2,
        change_type: 'deleted',
        lines_added: 0,
        lines_removed: 3,
      });
      expect(edits.find((edit) => edit.file_path === 'made.txt')).toMatchObject({
        turn: 2,
        change_type: 'created',
        lines_added: 1,
        lines_removed: 0,
      });
      const big = edits.find((edit) => edit.file_path === 'long.txt') as {
        diff_preview: string;
        full_diff: string;
        full_diff_size: number;
      };
      expect(big.diff_preview.split('\n')).toHaveLength(100);
      expect(big.full_diff.length).toBe(big.full_diff_size);
      expect(big.full_diff).toContain('+line 299');
      expect(
        (await session.turns(run))[1]?.files_changed.map(({ path: file, change_type }) => [file, change_type]).sort(),
      ).toEqual([
        ['README.md', 'deleted'],
        ['made.txt', 'created'],
      ]);
    });
  });
});

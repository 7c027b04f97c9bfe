import { existsSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '#tests/support/api.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { testCommand } from '#tests/support/repository.ts';
import { call, finishTask } from '#tests/support/scripts.ts';
import { shared } from '#tests/support/shared.ts';
import { refusals } from './support/refusals.ts';
import { finish, watch, type Event, type Run, type Session } from './support/session.ts';

const bash = (command: string): Reply => ({ tools: [call('bash', { command })] });
const sandboxFolder = (run: Run) => path.join(shared.dataDir, 'sandboxes', run.sandbox_id);

describe('cancelling', () => {
  test.concurrent(
    '[EXEC-08] ends a running task with its command and sandbox and keeps its branch; a pending one ends too, a finished one says so',
    async () => {
      await watch(
        (turn) => (turn === 1 ? bash('echo kept > kept.txt') : bash('sleep 300 & sleep 300')),
        {},
        async (session) => {
          const run = await session.run((now) => now.turn === 2);
          await eventually(
            'the command runs',
            async () => (await session.events(run)).filter((event) => event.type === 'run.tool.started').length === 2,
          );
          const later = await session.api.post<{ id: string }>('/tasks', {
            ticket_id: session.ticket_id,
            title: 'Afterwards',
            description: 'When the first is done',
            depends_on: [session.task_id],
          });
          await refusals('POST', (id) => `/tasks/${id}/cancel`, session.task_id, { reason: 5 });
          await refusals('POST', (id) => `/tasks/${id}/fail`, session.task_id, { reason: 5 });
          expect(
            (await session.api.request('POST', `/tasks/${later.id}/cancel`, { reason: 'not needed' })).status,
          ).toBe(202);
          await session.api.until<{ status: string }>(`/tasks/${later.id}`, (task) => task.status === 'cancelled');
          expect(existsSync(sandboxFolder(run))).toBe(true);

          const began = Date.now();
          expect(
            (await session.api.request('POST', `/tasks/${session.task_id}/cancel`, { reason: 'changed my mind' }))
              .status,
          ).toBe(202);
          const task = await session.taskEnded();
          expect(task).toMatchObject({
            status: 'cancelled',
            error_message: expect.stringContaining('changed my mind'),
          });
          expect(Date.now() - began).toBeLessThan(60_000);
          expect(await session.ended()).toMatchObject({ status: 'cancelled' });
          expect(await session.api.get(`/runs/${run.id}/sandbox`)).toMatchObject({ status: 'terminated' });
          await eventually('the sandbox is gone', () => !existsSync(sandboxFolder(run)));
          // Its work stands where it can be looked at.
          expect(
            (await session.api.get<{ files: { path: string }[] }>(`/runs/${run.id}/diff?from=base&turn=1`)).files.map(
              (file) => file.path,
            ),
          ).toEqual(['kept.txt']);
          expect(task.branch).toMatch(/^task\//);
          const events = await session.api.get<{ items: Event[] }>(
            `/events?after=0&entity_ids=${session.task_id}&types=task.cancelled`,
          );
          expect(events.items).toHaveLength(1);
          expect(
            (await session.api.request('POST', `/tasks/${session.task_id}/cancel`, { reason: 'again' })).status,
          ).toBe(400);
          expect(
            (await session.api.request('POST', `/tasks/${session.task_id}/fail`, { reason: 'again' })).status,
          ).toBe(400);
        },
      );
    },
  );

  test.concurrent('[EXEC-08] a task that is marked as failed stops its run and waits for a person', async () => {
    await watch(
      () => bash('sleep 300'),
      {},
      async (session) => {
        await session.run((now) => now.turn === 1);
        await session.api.post(`/tasks/${session.task_id}/fail`, { reason: 'It asks for the wrong thing.' });
        expect(await session.taskEnded()).toMatchObject({
          status: 'failed',
          error_message: expect.stringContaining('It asks for the wrong thing.'),
        });
        expect(await session.ended()).toMatchObject({ status: 'failed', stop_reason: 'marked_failed' });
      },
    );
  });
});

describe('what a task needs', () => {
  const analysis = (mode: string): Reply => ({
    tools: [
      call('give_analysis', {
        execution_mode: mode,
        output_type: 'analysis',
        requires_code_changes: false,
        requires_git_commit: false,
        requires_git_push: false,
        requires_pull_request: false,
        requires_tests: mode === 'validation',
        reasoning: `It is ${mode}.`,
      }),
    ],
  });
  const edits: Reply = {
    tools: [
      call('write_file', { path: 'new.txt', content: 'x' }),
      call('edit_file', { path: 'README.md', old_text: 'Small', new_text: 'Big' }),
      call('bash', { command: 'echo x > made.txt && echo written' }),
    ],
  };
  const done: Reply = { tools: [call('complete_task', { summary: 'I looked.', evidence: [] })] };

  test.concurrent.each(['exploration', 'validation'])(
    '[EXEC-10] a task of mode %s may read and run, its edits are denied by the tools',
    async (mode) => {
      await watch(
        (turn) => (turn === 1 ? edits : done),
        { others: (request) => (request.context.kind === 'analysis' ? analysis(mode) : undefined) },
        async (session) => {
          const run = await session.ended();
          expect(run).toMatchObject({ status: 'completed', mode });
          const results = session.asked(run)[1]?.results ?? [];
          for (const refused of results.slice(0, 2))
            expect(refused).toMatchObject({
              is_error: true,
              text: expect.stringContaining(`not allowed in ${mode} mode`),
            });
          // A workspace that is only read refuses commands too; what a judge writes is thrown away.
          if (mode === 'exploration') expect(results[2]?.text).toMatch(/Read-only|read-only|Permission denied/);
          else expect(results[2]?.text).toContain('written');
          expect(JSON.stringify(session.asked(run)[0]?.body.system)).toContain(
            mode === 'exploration' ? 'You investigate' : 'You verify a code base',
          );
          const task = await session.api.until<{ status: string; analysis: object; head_sha: string | null }>(
            `/tasks/${session.task_id}`,
            (now) => now.status === 'completed',
          );
          expect(task).toMatchObject({ analysis: { execution_mode: mode, source: 'model' }, head_sha: null });
        },
      );
    },
  );

  test.concurrent(
    '[EXEC-10] when the model is away, or answers badly twice, the type decides and the task says so',
    async () => {
      const away: Reply = { status: 400, error: { type: 'invalid_request_error', message: 'No such model.' } };
      const answers: Reply[] = [
        { tools: [call('give_analysis', { execution_mode: 'everything' })] },
        { text: 'It is code.' },
      ];
      const look = async (session: Session, source: RegExp) => {
        const task = await session.api.until<{ analysis: { source: string } | null }>(
          `/tasks/${session.task_id}`,
          (now) => now.analysis !== null,
        );
        expect(task.analysis).toMatchObject({
          execution_mode: 'implementation',
          requires_tests: true,
          source: expect.stringMatching(source),
        });
        expect(await session.ended()).toMatchObject({ status: 'completed', mode: 'implementation' });
      };
      const play = (turn: number, request: Played) => finish(turn, 1, request);
      await watch(play, { others: (request) => (request.context.kind === 'analysis' ? away : undefined) }, (session) =>
        look(session, /^fallback: .*No such model/),
      );
      await watch(
        play,
        { others: (request) => (request.context.kind === 'analysis' ? answers.shift() : undefined) },
        async (session) => {
          await look(session, /^fallback: the answer did not fit/);
          expect(session.model.requests.filter((request) => request.context.kind === 'analysis')).toHaveLength(2);
        },
      );
    },
  );
});

describe('reviews', () => {
  /** A reviewer's own case, which fails. */
  const tried = 'echo "double(2) was 5" && exit 3';
  /** Reviews that give these verdicts in turn; each attempt writes what it was told. */
  async function reviewed(verdicts: boolean[], look: (session: Session) => Promise<void>): Promise<void> {
    const left = [...verdicts];
    const others = (request: Played): Reply | undefined => {
      if (request.context.kind === 'validation') {
        if (request.step === 0) return { tools: [call('bash', { command: tried })] };
        const passed = left.shift() ?? false;
        return {
          tools: [
            call('submit_review', {
              passed,
              feedback: passed ? 'It holds.' : `double(${left.length}) is wrong.`,
              evidence: passed ? [] : [{ criterion_id: 'AC-1', command: tried }],
              recommendations: passed ? [] : ['Try double(0).'],
            }),
          ],
        };
      }
      const { kind, attempt } = request.context;
      if (kind !== 'task') return undefined;
      const files = { 'src/double.js': `export const double = (n) => 2 * n; // attempt ${attempt}\n` };
      if (attempt !== 2) return finishTask(request, files);
      // The commands of the refused work are in its conversation, and prove nothing.
      const evidence = [{ criterion_id: 'AC-1', command: testCommand, exit_code: 0 }];
      return request.step === 0
        ? { tools: [call('complete_task', { summary: 'It is right.', evidence })] }
        : finishTask({ ...request, step: request.step - 1 } satisfies Played, files);
    };
    await watch(
      () => ({ text: 'Played by the others.' }),
      { settings: { validation: 'agent' }, criteria: [{ id: 'AC-1', text: 'double(2) is 4' }], others },
      look,
    );
  }
  const reviews = (session: Session) =>
    session.api
      .get<{ items: { iteration: number; passed: boolean; feedback: string }[] }>(`/tasks/${session.task_id}/reviews`)
      .then((page) => page.items);
  const told = async (session: Session, type: string) =>
    (
      await session.api.get<{ items: Event[] }>(`/events?after=0&entity_ids=${session.task_id}&types=${type}`)
    ).items.map((event) => event.data.iteration);

  test.concurrent(
    "[EXEC-36] [EXEC-12] fail, fail, pass: three reviews on the task's branch, each failure with its feedback in the next context",
    async () => {
      await reviewed([false, false, true], async (session) => {
        const afterFirst = await session.run((run) => run.attempt === 2, 2);
        const context = await session.api.get<{
          context: {
            revision: object;
            task: object;
            ticket: object;
            requirements: unknown[];
            synthesis_context: unknown;
          };
          markdown: string;
        }>(`/tasks/${session.task_id}/context`);
        expect(context.context).toMatchObject({
          revision: {
            feedback: expect.stringMatching(/^double\(\d\) is wrong\.$/),
            recommendations: ['Try double(0).'],
          },
          task: { id: session.task_id, criteria: [{ id: 'AC-1', text: 'double(2) is 4' }] },
          ticket: { id: session.ticket_id },
        });
        expect(context.markdown).toMatch(
          /## Review 1 did not pass\ndouble\(\d\) is wrong\.\n- Try double\(0\)\.|## Review 2 did not pass/,
        );
        await refusals('GET', (id) => `/tasks/${id}/context`, session.task_id);

        expect(await session.taskEnded()).toMatchObject({ status: 'completed' });
        expect((await reviews(session)).map(({ iteration, passed }) => [iteration, passed])).toEqual([
          [1, false],
          [2, false],
          [3, true],
        ]);
        expect(await told(session, 'task.validation_requested')).toEqual([1, 2, 3]);
        expect(await told(session, 'task.validation_failed')).toEqual([1, 2]);
        expect(await told(session, 'task.validation_passed')).toEqual([3]);
        const second = session.asked(afterFirst)[0]?.text ?? '';
        // The author continues in the conversation that the provider's cache still holds.
        const author = await session.run((run) => run.status === 'completed');
        const [revision, again] = session.asked(afterFirst).map(({ body }) => body);
        for (const { body } of session.asked(author))
          for (const later of [revision, again])
            expect({ ...later, messages: later?.messages.slice(0, body.messages.length) }).toMatchObject({
              system: body.system,
              tools: body.tools,
              messages: body.messages,
            });
        const turns = [...(await session.turns(author)), ...(await session.turns(afterFirst))];
        expect(turns.map(({ turn }) => turn)).toEqual([1, 2, 3, 1, 2, 3, 4, 5, 6, 7]);
        expect(turns[6]?.tool_calls).toEqual([expect.objectContaining({ name: 'complete_task', is_error: true })]);
        const [before, first] = [turns[2], turns[6]].map((turn) => turn?.usage);
        expect(first?.cache_read_tokens).toBe((before?.cache_read_tokens ?? 0) + (before?.cache_write_tokens ?? 0));
        expect(afterFirst).toMatchObject({ continues: { run_id: author.id, turn: 3 } });
        const order = JSON.stringify(revision?.messages.at(-1));
        expect(order).toContain('exited with 3');
        expect(order).toContain('double(2) was 5');
        expect(second).toContain('double(2) is wrong.');
        expect(second).toContain('Try double(0).');
        // The validator sees the branch and not the author's account.
        const runs = (await session.api.get<{ items: Run[] }>(`/runs?task_id=${session.task_id}&kind=validation`))
          .items;
        const task = await session.taskEnded();
        expect(new Set(runs.map((run) => run.branch))).toEqual(new Set([task.branch]));
        const opening = session.asked(runs.at(-1) as Run)[0]?.text ?? '';
        expect(opening).toContain('// attempt 1');
        expect(opening).not.toContain('Wrote src/double.js');
      });
    },
  );

  test.concurrent('[EXEC-36] a fourth failed review ends the task', async () => {
    await reviewed([false, false, false, false, true], async (session) => {
      expect(await session.taskEnded()).toMatchObject({
        status: 'failed',
        error_message: expect.stringContaining('is wrong.'),
      });
      expect(await reviews(session)).toHaveLength(4);
      expect(
        (await session.api.get<{ items: object[] }>(`/pull-requests?project_id=${session.project_id}`)).items,
      ).toEqual([]);
    });
  });
});

import type { Played, Reply } from '#tests/support/played-model.ts';
import { call } from '#tests/support/scripts.ts';
import { finish, watch, type Play, type Run, type Session } from './support/session.ts';

/** The bytes that a request begins with: everything up to the end of its newest message. What follows may vary. */
function prefix(request: Played): string {
  const end = request.raw.lastIndexOf('],"max_tokens"');
  expect(end).toBeGreaterThan(0);
  return request.raw.slice(0, end);
}

/**
 * Each request begins with the bytes of the one before it.
 * @returns share of the bytes of the requests from the third turn on that an earlier request held already.
 */
function sharedBytes(asked: Played[]): number {
  let again = 0;
  let all = 0;
  asked.forEach((request, i) => {
    const before = asked[i - 1];
    if (!before) return;
    expect(prefix(request).startsWith(prefix(before))).toBe(true);
    if (i < 2) return;
    again += prefix(before).length;
    all += prefix(request).length;
  });
  return again / all;
}

/** The cached head: tools and system, and where the breakpoints stand. */
function expectBreakpoints(asked: Played[]): void {
  for (const { body } of asked) {
    const head = body as unknown as {
      cache_control?: object;
      system: { cache_control?: object }[];
      tools: { name: string }[];
    };
    const long = { type: 'ephemeral', ttl: '1h' };
    expect(head.cache_control).toEqual(long);
    expect(head.system).toEqual([expect.objectContaining({ cache_control: long })]);
    expect(head.tools.map((tool) => tool.name)).toEqual([...head.tools.map((tool) => tool.name)].sort());
    const marked = body.messages.flatMap((message) => message.content).filter((block) => 'cache_control' in block);
    expect(marked).toEqual([expect.objectContaining({ type: 'text', cache_control: long })]);
  }
}

const bash = (command: string): Reply => ({ tools: [call('bash', { command })] });
const calls = (session: Session, run: Run) => session.asked(run).length;

describe('the conversation as it is sent', () => {
  test('only grows: over parallel calls, thinking, errors, messages, an interrupt, a retry, a pause and a check that fails; from turn 3 on 95 % of it was sent before', async () => {
    let broken = false;
    const thinking = 'The parts are "independent" \\ and small.';
    const play: Play = (_asked, request) => {
      const turn = request.body.messages.filter((message) => message.role === 'assistant').length + 1;
      const replies: (Reply | (() => Reply))[] = [
        {
          text: 'I look around.',
          thinking,
          tools: [
            call('read_file', { path: 'README.md' }),
            call('read_file', { path: 'src/sum.js' }),
            call('search_files', { pattern: 'sum' }),
          ],
        },
        {
          tools: [
            call('edit_file', { path: 'src/sum.js', old_text: 'nowhere', new_text: '' }),
            call('no_such_tool', {}),
          ],
          impossible: true,
        },
        bash('seq 1 500'),
        {
          tools: [
            call('write_file', {
              path: 'src/broken.test.js',
              content:
                "import test from 'node:test';\ntest('fails', () => { throw new Error('Ümläut \\u2028 and \"quotes\"'); });\n",
            }),
          ],
          delay_ms: 400,
        },
        () => {
          if (broken) return bash('cat src/sum.js');
          broken = true;
          return { status: 529, error: { type: 'overloaded_error', message: 'Overloaded' } };
        },
        bash('echo waiting; sleep 30'),
        bash('echo going on'),
        { text: 'I think it is done.' },
        bash('rm src/broken.test.js'),
      ];
      const reply = replies[turn - 1];
      return typeof reply === 'function' ? reply() : (reply ?? finish(turn, replies.length + 1, request));
    };
    await watch(play, {}, async (session) => {
      const run = await session.run((now) => now.turn >= 3);
      await session.api.post(`/runs/${run.id}/messages`, { kind: 'user_message', content: 'Mind the "README" too.' });
      await session.api.post(`/runs/${run.id}/steer`, { kind: 'constraint', message: 'No new dependency.' });
      await session.run((now) => now.turn >= 6);
      await session.api.post(`/runs/${run.id}/messages`, { kind: 'interrupt', content: 'Do not wait.' });
      const ended = await session.ended();
      expect(ended).toMatchObject({ status: 'completed', epoch: 0 });
      const asked = session.asked(ended);
      expect(calls(session, ended)).toBe(ended.turn + 1);
      expectBreakpoints(asked);
      const share = sharedBytes(asked);
      console.log(`of the bytes from turn 3 on ${(share * 100).toFixed(1)} % had been sent before`);
      expect(share).toBeGreaterThanOrEqual(0.95);
      // The wire refuses thinking that comes back otherwise than it was sent.
      expect(asked[1]?.body.messages[1]).toEqual({
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: expect.any(String), signature: expect.any(String) },
          { type: 'text', text: 'I look around.' },
          ...(asked[1]?.body.messages[1]?.content.slice(2) ?? []),
        ],
      });
      // One conversation: each call has one result, in the order of the calls.
      const blocks =
        asked
          .at(-1)
          ?.body.messages.flatMap(
            (message) => message.content as { type: string; id?: string; tool_use_id?: string }[],
          ) ?? [];
      expect(blocks.filter((block) => block.type === 'tool_result').map((block) => block.tool_use_id)).toEqual(
        blocks.filter((block) => block.type === 'tool_use').map((block) => block.id),
      );
      const first = asked[0] as Played;
      expect(
        new Set(
          asked.map((request) =>
            JSON.stringify([request.body.model, request.body.tools, request.body.system, request.body.metadata]),
          ),
        ),
      ).toEqual(
        new Set([JSON.stringify([first.body.model, first.body.tools, first.body.system, first.body.metadata])]),
      );
      expect(first.body.metadata).toEqual({ user_id: `run:${ended.id}` });
    });
  });

  test('shortening it begins an epoch: tools, system and first message stay to the byte, and it grows again from there', async () => {
    const full = { usage: { input_tokens: 160_000 } };
    const play: Play = (asked, request) =>
      asked <= 6 ? { ...bash(`echo turn ${asked}`), ...(asked === 3 ? full : {}) } : finish(asked, 7, request);
    await watch(play, {}, async (session) => {
      const run = await session.ended();
      expect(run).toMatchObject({ status: 'completed', epoch: 1 });
      const asked = session.asked(run);
      sharedBytes(asked.slice(0, 3));
      sharedBytes(asked.slice(3));
      const head = (request: Played | undefined) =>
        JSON.stringify([request?.body.tools, request?.body.system, request?.body.messages[0]]);
      expect(head(asked[3])).toBe(head(asked[2]));
      expect(prefix(asked[3] as Played).startsWith(prefix(asked[2] as Played))).toBe(false);
      expect(
        (await session.events(run))
          .filter((event) => event.type === 'run.context.compacted')
          .map((event) => event.data),
      ).toEqual([expect.objectContaining({ epoch: 1, turn: 3, how: 'summarised' })]);
      // The summary is the run's own next request, so that the cache holds all but its end.
      const summary = session.model.requests.find((request) => request.context.kind === 'compaction') as Played;
      expect(summary.user_id).toBe(`compaction:${run.id}`);
      const sent = (request: Played) => request.body.messages.map((message) => JSON.stringify(message));
      const before = sent(asked[2] as Played);
      expect(sent(summary).slice(0, before.length)).toEqual(before);
      expect(JSON.stringify([summary.body.tools, summary.body.system])).toBe(
        JSON.stringify([asked[2]?.body.tools, asked[2]?.body.system]),
      );
      // The results that are still owed come first, then the order.
      expect(summary.body.messages.at(-1)?.content.map((block) => block.type)).toEqual(['tool_result', 'text']);
      expect(asked[3]?.text).toContain('Work went on.');
    });
  });

  const thinkingOf = (request: Played | undefined) =>
    (request?.body.messages.flatMap((message) => message.content) ?? []).filter((block) => block.type === 'thinking');
  const thought = (n: number): Reply => ({
    ...bash(`echo turn ${n}`),
    thinking: `Thought ${n}.`,
  });

  test('no thinking is kept behind a changed message: the new epoch begins without any', async () => {
    const play: Play = (asked, request) =>
      asked <= 5
        ? { ...thought(asked), ...(asked === 3 ? { usage: { input_tokens: 160_000 } } : {}) }
        : finish(asked, 6, request);
    const others = ({ context, step }: Played): Reply | undefined =>
      context.kind !== 'compaction' ? undefined : step === 0 ? bash('cat README.md') : { text: 'Said in text.' };
    await watch(play, { others }, async (session) => {
      const run = await session.ended();
      expect(run).toMatchObject({ status: 'completed', epoch: 1 });
      const asked = session.asked(run);
      expect(asked.slice(2, 5).map((request) => thinkingOf(request).length)).toEqual([2, 0, 1]);
      // A call instead of the summary is not made. It is answered once.
      const summaries = session.model.of(`compaction:${run.id}`);
      expect(summaries).toHaveLength(2);
      expect(summaries[1]?.results).toMatchObject([
        { is_error: true, text: expect.stringContaining('No call was made') },
      ]);
      expect(asked[3]?.text).toContain('Said in text.');
    });
  });

  test('thinking that the provider refuses is left out for good, and the run continues', async () => {
    let refused = 0;
    const play: Play = (_asked, request) => {
      const turn = request.body.messages.filter((message) => message.role === 'assistant').length + 1;
      if (turn === 3 && thinkingOf(request).length > 0) {
        refused += 1;
        const message =
          'messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different conversation.';
        return { status: 400, error: { type: 'invalid_request_error', message } };
      }
      return turn <= 4 ? thought(turn) : finish(turn, 5, request);
    };
    await watch(play, {}, async (session) => {
      const run = await session.ended();
      expect(run).toMatchObject({ status: 'completed', epoch: 1 });
      expect(refused).toBe(1);
      const asked = session.asked(run);
      // The request again has the same messages without thinking; what is thought from there on is sent back.
      expect(asked.slice(2, 6).map((request) => thinkingOf(request).length)).toEqual([2, 0, 1, 2]);
      expect(asked[3]?.results).toEqual(asked[2]?.results);
      expect(session.model.requests.some((request) => request.context.kind === 'compaction')).toBe(false);
    });
  });
});

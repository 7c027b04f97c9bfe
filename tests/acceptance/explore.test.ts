import type { Answer } from '#server/contracts/client.ts';
import type { getConversation, keyFiles, readLines, suggestions } from '#server/contracts/explore.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { smallProject } from '#tests/support/repository.ts';
import { call } from '#tests/support/scripts.ts';
import { newMember } from '#tests/support/members.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';

type Conversation = Answer<typeof getConversation>;

const files = {
  ...smallProject,
  'README.md': '# Shop\n',
  'src/tax.js': '// Rates\nexport const tax = (n) => n * 0.2;\n',
  'src/cart.js': 'import "./tax.js";\n',
};

/** Reads once, then answers; the second question has no answer at first. */
function answer({ body, context, text }: Played): Reply {
  const turns = body.messages.filter((message) => message.role === 'assistant').length;
  if (turns === 0) return { tools: [call('read_file', { path: 'src/tax.js' })] };
  if (context.title?.includes('Who uses')) {
    if (!text.includes('Earlier in this conversation')) return { text: 'Nothing was said before.' };
    return { text: 'The cart does: src/cart.js:1.' };
  }
  return { text: 'The rate is 0.2, in `src/tax.js:1-2`; src/gone.js:7 reads it.' };
}

test('[WEB-06] questions about the code are answered with places that exist, kept for the person alone', async () => {
  const { word, stop } = await playOnShared(answer);
  const { id } = await newProject(api(), files);
  const base = `/explore/project/${id}`;
  const first = await api().post<Conversation>(`${base}/conversations`, { question: `What is the rate of ${word}?` });
  expect(first.messages).toMatchObject([{ status: 'answering', answer: null }]);
  expect((await api().request('POST', `${base}/conversations`, { question: `And the next of ${word}?` })).status).toBe(
    409,
  );
  const ended = (n: number) =>
    api().until<Conversation>(
      `${base}/conversations/${first.id}`,
      ({ messages }) => messages.length === n && messages.every(({ status }) => status !== 'answering'),
    );
  const [message] = (await ended(1)).messages;
  expect(message).toMatchObject({
    status: 'answered',
    citations: [{ path: 'src/tax.js', line: 1, end: 2 }],
    dropped: [{ path: 'src/gone.js', line: 7 }],
  });
  expect(message?.answer).not.toContain('do not exist');
  expect(message?.cost_micros).toBeGreaterThan(0);
  const place = `path=src/tax.js&line=1&sha=${message?.base_sha}`;
  expect(await api().get<Answer<typeof readLines>>(`${base}/lines?${place}`)).toMatchObject({
    first: 1,
    total: 2,
    text: files['src/tax.js'].trimEnd(),
  });
  expect((await api().request('GET', `${base}/lines?path=../../etc/passwd`)).status).toBe(404);
  expect((await api().request('GET', `${base}/lines?path=src/gone.js`)).status).toBe(404);

  // The next question knows the first one.
  await api().post(`${base}/conversations/${first.id}/messages`, { question: `Who uses the tax of ${word}?` });
  expect((await ended(2)).messages[1]).toMatchObject({ answer: 'The cart does: src/cart.js:1.', dropped: [] });
  // A colleague sees none of it, and without money nothing is asked.
  const colleague = await newMember('member');
  expect(await colleague.all(`${base}/conversations`)).toEqual([]);
  expect((await colleague.request('GET', `${base}/conversations/${first.id}`)).status).toBe(404);
  await api().post('/costs/budgets', { scope_type: 'project', scope_id: id, limit_amount: 0.01 });
  const unpaid = await api().request('POST', `${base}/conversations`, { question: `What is the rate of ${word}?` });
  expect(unpaid).toMatchObject({ status: 402 });
  expect(await api().all(`${base}/conversations`)).toHaveLength(1);

  const keys = await api().get<Answer<typeof keyFiles>>(`${base}/files`);
  expect(keys.items[0]).toEqual({ path: 'README.md', why: 'says what the project is' });
  const { items } = await api().get<Answer<typeof suggestions>>(`${base}/suggestions`);
  expect(items.join('\n')).toContain('src/');
  await stop();
});

import type { Answer } from '#server/contracts/client.ts';
import type { getPullRequest, pullRequestDiff } from '#server/contracts/pull-requests.ts';
import type { getReview, pullRequestProvenance } from '#server/contracts/reviews.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { call, finishTask } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { works, type TicketRow } from '#tests/support/work.ts';

type PullRequest = Answer<typeof getPullRequest>;
type Diff = Answer<typeof pullRequestDiff>;

const other = works({ Useful: { 'src/useful.js': '' } });
const file = 'src/useful.js';

/** Writes two lines in its first turn and one in its second; changes asked for in a review add a line at the top. */
function played(request: Played): Reply {
  if (request.context.kind !== 'task') return other(request);
  if (request.context.title?.includes('Review changes'))
    return request.step === 0
      ? { tools: [call('bash', { command: `sed -i '1i // reviewed' ${file}; echo kept > src/more.js` })] }
      : finishTask(request, {});
  if (request.step !== 1) return finishTask({ ...request, step: Math.max(0, request.step - 1) }, first);
  return { tools: [call('bash', { command: `echo 'export const three = 3;' >> ${file}` })] };
}
const first = { [file]: 'export const one = 1;\nexport const two = 2;\n', 'package-lock.json': '{}\n' };

const review = (id: string) => api().get<Answer<typeof getReview>>(`/pull-requests/${id}/review`);
const paths = ({ files }: Diff) => files.map(({ path }) => path).sort();

test('[WEB-10] a reviewer sees where each hunk comes from, what is risky, what they have read, and what is new since', async () => {
  const model = await playOnShared(played);
  const { id: project_id } = await newProject();
  const ticket = await api().post<TicketRow & { task_id: string }>('/tickets', {
    project_id,
    title: `Useful ${model.word}`,
    description: 'Add something.',
    workflow_mode: 'quick',
  });
  const opened = await api().until<{ items: PullRequest[] }>(
    `/pull-requests?project_id=${project_id}`,
    ({ items }) => items[0]?.state === 'open',
    90_000,
  );
  const [pull] = opened.items as [PullRequest];
  const at = `/pull-requests/${pull.id}`;

  const provenance = await api().get<Answer<typeof pullRequestProvenance>>(`${at}/provenance?path=${file}`);
  const source = { ticket: { id: ticket.id, key: ticket.key }, task: { id: ticket.task_id } };
  expect(provenance.items).toMatchObject([
    { from_line: 1, to_line: 2, turn: 1, ...source },
    { from_line: 3, to_line: 3, turn: 2, ...source },
  ]);
  expect(provenance.items[0]?.run_id).toBe(provenance.items[1]?.run_id);
  expect((await api().get<{ items: unknown[] }>(`${at}/provenance?path=nothing.js`)).items).toEqual([]);

  const whole = await api().get<Diff>(`${at}/diff`);
  expect(whole.files).toMatchObject([
    { path: 'package-lock.json', risk: { mechanical: true } },
    { path: file, risk: { level: 'low', mechanical: false } },
  ]);
  expect(await review(pull.id)).toEqual({ last: null, viewed: [] });
  for (const path of [file, 'package-lock.json'])
    await api().post(`${at}/viewed`, { path, viewed: true, head_sha: pull.head_sha });
  expect((await review(pull.id)).viewed).toEqual(['package-lock.json', file]);

  // Nobody approves what they have not seen.
  expect(await api().request('POST', `${at}/approve`, { head_sha: '0'.repeat(40) })).toMatchObject({
    status: 409,
    body: { message: expect.stringMatching(/^head_sha: the pull request has newer commits/) },
  });
  await api().post(`${at}/request-changes`, { comments: [{ path: file, line: 1, body: 'Mark it.' }] });
  expect((await review(pull.id)).last).toMatchObject({ verdict: 'changes_requested', current: true });
  const changed = await api().until<PullRequest>(at, ({ head_sha }) => head_sha !== pull.head_sha, 90_000);

  // What did not change stays read, and only what is new is asked for.
  expect(await review(pull.id)).toMatchObject({ last: { current: false }, viewed: ['package-lock.json'] });
  const since = await api().get<Diff>(`${at}/diff?since=review`);
  expect(since).toMatchObject({ since_review: pull.head_sha, from: pull.head_sha });
  expect(paths(since)).toEqual(['src/more.js', file]);
  expect(paths(await api().get<Diff>(`${at}/diff`))).toEqual(['package-lock.json', 'src/more.js', file]);
  expect((await api().get<Answer<typeof pullRequestProvenance>>(`${at}/provenance?path=${file}`)).items).toMatchObject([
    { from_line: 1, to_line: 1, turn: 5 },
    { from_line: 2, to_line: 3, turn: 1 },
    { turn: 2 },
  ]);

  await api().post(`${at}/viewed`, { path: 'package-lock.json', viewed: false });
  expect((await review(pull.id)).viewed).toEqual([]);
  const body = { head_sha: changed.head_sha, comment: 'Good.' };
  await api().post(`${at}/approve`, body);
  const approved = await api().post<PullRequest>(`${at}/approve`, body);
  expect(approved.comments).toMatchObject([
    { verdict: 'changes_requested', body: 'Mark it.' },
    { verdict: 'approved', body: 'Good.', head_sha: changed.head_sha },
  ]);
  expect(paths(await api().get<Diff>(`${at}/diff?since=review`))).toEqual([]);
  await api().post(`${at}/close`);
  expect(await api().request('POST', `${at}/approve`, {})).toMatchObject({ status: 409 });
});

import type { Item } from '#server/contracts/client.ts';
import type { ticketMerges } from '#server/contracts/tickets.ts';
import { eventually } from '#tests/support/api.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { smallProject } from '#tests/support/repository.ts';
import { finishTask } from '#tests/support/scripts.ts';
import { stackServices } from '#tests/support/services.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, newTicket, taskIs, works, type TicketRow } from '#tests/support/work.ts';

type Merge = Item<typeof ticketMerges> & {
  sources: { ref: string; sha: string; level: string; conflicts: number; overlap: number; files: string[] }[];
  log: { step: string; source?: string; run_id?: string; passed?: boolean }[];
};

const merges = (ticket: string) =>
  api()
    .get<{ items: Merge[] }>(`/tickets/${ticket}/merges`)
    .then((page) => page.items);
/** `count` small files, each with one line. */
const many = (count: number, line: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`notes/${n}.txt`, `${line} ${n}\n`]));
const waitingTicket = (id: string) => api().until<TicketRow>(`/tickets/${id}`, (row) => row.needs_review, 90_000);

describe('joining branches', () => {
  test('[MERGE-07] sources are tried in memory, fewest conflicts first, and nothing is changed by it', async () => {
    const { id: project_id, repository } = await newProject(api(), { ...smallProject, ...many(12, 'first') });
    const side = (name: string, files: Record<string, string>) => {
      repository.git('checkout', '-q', '-b', name, 'main');
      for (const [file, content] of Object.entries(files)) repository.write(file, content);
      return { sha: repository.commit(name), branch: name, title: name, subject_id: name };
    };
    const clean = side('clean', { 'src/new.js': 'export const fresh = 1;\n' });
    const one = side('one', many(1, 'one'));
    const eleven = side('eleven', many(11, 'eleven'));
    const missing = { ...clean, sha: '0123456789012345678901234567890123456789', branch: 'missing' };
    repository.git('checkout', '-q', 'main');
    for (const [file, content] of Object.entries(many(12, 'main'))) repository.write(file, content);
    const head = repository.commit('Main moves on');

    const services = await stackServices();
    const { organization_id } = await api().get<{ organization_id: string }>(`/projects/${project_id}`);
    const ticket = await newTicket(project_id, 'Scores');
    const opened = await services.activities.openTicket({ organization_id, ticket_id: ticket.id, base_branch: null });
    expect(opened.head_sha).toBe(head);
    const refs = repository.git('show-ref');
    const scored = await services.activities.scoreMerge({
      merge_id: `merge:${ticket.id}:1`,
      organization_id,
      project_id,
      spec_id: null,
      ticket_id: ticket.id,
      target: opened.branch,
      sources: [missing, eleven, one, clean],
    });
    expect(scored.sources.map(({ branch, score }) => [branch, score.level, score.conflicts, score.overlap])).toEqual([
      ['clean', 'none', 0, 0],
      ['one', 'low', 1, 1],
      ['eleven', 'high', 11, 11],
      ['missing', 'error', 999, 0],
    ]);
    expect(await services.repositories.resolve(project_id, `refs/heads/${opened.branch}`)).toBe(head);
    expect(repository.git('show-ref')).toBe(refs);
    expect(repository.git('status', '--porcelain')).toBe('');
    await expect(
      services.activities.scoreMerge({
        merge_id: `merge:${ticket.id}:2`,
        organization_id,
        project_id,
        spec_id: null,
        ticket_id: ticket.id,
        target: 'no/such/branch',
        sources: [clean],
      }),
    ).rejects.toThrow('The branch no/such/branch does not exist.');
    await services.close();
  });

  test('[MERGE-08] a continuation begins with the code of all three before it', async () => {
    let seen = '';
    const played = await playOnShared((request): Reply => {
      if (request.context.kind === 'task' && request.context.title?.includes('Continues')) {
        if (request.step === 0)
          return { tools: [{ name: 'bash', input: { command: 'cat src/one.js src/two.js src/three.js' } }] };
        if (request.step === 1) seen = request.last;
        return finishTask({ ...request, step: request.step - 1 } satisfies Played, {
          'src/all.js': "export * from './one.js';\nexport * from './two.js';\nexport * from './three.js';\n",
        });
      }
      return works({
        Alpha: { 'src/one.js': 'export const one = 1;\n' },
        Beta: { 'src/two.js': 'export const two = 2;\n' },
        Gamma: { 'src/three.js': 'export const three = 3;\n' },
      })(request);
    });
    const { id: project_id, repository } = await newProject();
    await api().request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: false });
    const ticket = await newTicket(project_id, `Joins ${played.word}`);
    const before = [];
    for (const title of ['Alpha', 'Beta', 'Gamma'])
      before.push((await addTask(ticket.id, `${title} ${played.word}`)).id);
    const { id } = await addTask(ticket.id, `Continues ${played.word}`, { depends_on: before });
    await api().request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: true });
    const done = await api().until<{ synthesis_context: { _merge_strategy?: string } | null; status: string }>(
      `/tasks/${id}`,
      (row) => row.status === 'completed',
      90_000,
    );
    expect(seen).toContain('const one = 1');
    expect(seen).toContain('const two = 2');
    expect(seen).toContain('const three = 3');
    expect(done.synthesis_context).not.toBeNull();
    const attempts = await merges(ticket.id);
    expect(attempts.length).toBeGreaterThan(0);
    for (const attempt of attempts) {
      expect(attempt).toMatchObject({
        status: 'completed',
        merged_sha: expect.any(String),
        sources: [expect.objectContaining({ level: expect.any(String), conflicts: 0 }), ...attempt.sources.slice(1)],
      });
      expect(attempt.log.map((entry) => entry.step)).toEqual(expect.arrayContaining(['merged', 'verified', 'landed']));
      expect(attempt.log.filter((entry) => entry.step === 'verified').every((entry) => entry.passed)).toBe(true);
    }
    await eventually(
      'the pull request',
      async () => (await api().all(`/pull-requests?project_id=${project_id}`)).length === 1,
    );
    const { branch } = await api().get<TicketRow>(`/tickets/${ticket.id}`);
    for (const file of ['one', 'two', 'three', 'all'])
      expect(repository.show(branch ?? '', `src/${file}.js`)).toContain('export');
    await played.stop();
  });

  test('[MERGE-08] eleven conflicts wait for a person, and nothing of the merge is kept', async () => {
    const played = await playOnShared(works({ Alpha: many(11, 'alpha'), Beta: many(11, 'beta') }));
    const { id: project_id, repository } = await newProject();
    const ticket = await newTicket(project_id, `Too many ${played.word}`);
    const tasks = [await addTask(ticket.id, `Alpha ${played.word}`), await addTask(ticket.id, `Beta ${played.word}`)];
    const waiting = await waitingTicket(ticket.id);
    for (const { id } of tasks) await taskIs(id, 'completed');
    expect(waiting.last_error).toMatch(/^11 conflicts between .*: a person has to merge them\.$/);
    const [attempt] = await merges(ticket.id);
    expect(attempt).toMatchObject({ status: 'manual', merged_sha: null });
    const words = repository.show(waiting.branch ?? '', 'notes/3.txt');
    expect(['alpha 3', 'beta 3']).toContain(words);
    expect(await api().all(`/pull-requests?project_id=${project_id}`)).toEqual([]);
    await api().post(`/tickets/${ticket.id}/cancel`);
    await played.stop();
  });

  /** Two tasks that change the same line differently. The caller plays the resolver. */
  const conflict =
    (resolver: (request: Played) => Reply) =>
    (request: Played): Reply => {
      if (request.context.kind === 'merge') return resolver(request);
      const sum = (how: string) => ({ 'src/sum.js': `export const sum = (a, b) => ${how};\n` });
      return works({
        Alpha: sum('Number(a) + Number(b)'),
        Beta: sum('{ if (a === undefined) throw new TypeError("a"); return a + b; }'),
      })(request);
    };

  test("[MERGE-09] an agent resolves a conflict so that both changes are kept, and the project's tests decide", async () => {
    const both =
      'export const sum = (a, b) => { if (a === undefined) throw new TypeError("a"); return Number(a) + Number(b); };\n';
    let asked = '';
    const played = await playOnShared(
      conflict((request) => {
        if (request.step === 0) asked = request.last;
        return finishTask(request, { 'src/sum.js': both });
      }),
    );
    const { id: project_id, repository } = await newProject();
    const ticket = await newTicket(project_id, `Both ${played.word}`);
    for (const title of ['Alpha', 'Beta']) await addTask(ticket.id, `${title} ${played.word}`);
    await eventually(
      'the pull request',
      async () => (await api().all(`/pull-requests?project_id=${project_id}`)).length === 1,
      90_000,
    );
    const { branch } = await api().get<TicketRow>(`/tickets/${ticket.id}`);
    expect(repository.show(branch ?? '', 'src/sum.js')).toBe(both.trim());
    // The resolver saw the change of each side and the conflict in the file.
    expect(asked).toContain('Number(a) + Number(b)');
    expect(asked).toContain('throw new TypeError');
    const resolved = (await merges(ticket.id)).find((merge) => merge.log.some((entry) => entry.step === 'resolved'));
    expect(resolved).toMatchObject({ status: 'completed', sources: [expect.objectContaining({ conflicts: 1 })] });
    const parents = repository
      .git('rev-list', '--merges', '--parents', `main..${branch}`)
      .split('\n')
      .map((line) => line.split(' ').length - 1);
    expect(parents).toContain(2);
    await played.stop();
  });

  test('[MERGE-09] what is not resolved is not pushed', async () => {
    const played = await playOnShared(
      conflict((request) =>
        request.step === 0
          ? { tools: [{ name: 'complete_task', input: { summary: 'Looks fine to me.', evidence: ['It is fine.'] } }] }
          : {
              text: 'I cannot do this.',
              tools: [{ name: 'complete_task', input: { summary: 'Still fine.', evidence: [] } }],
            },
      ),
    );
    const { id: project_id, repository } = await newProject();
    const ticket = await newTicket(project_id, `Neither ${played.word}`);
    for (const title of ['Alpha', 'Beta']) await addTask(ticket.id, `${title} ${played.word}`);
    const waiting = await waitingTicket(ticket.id);
    expect(waiting.last_error).toMatch(/^The conflicts between .* were not resolved: /);
    const stands = repository.show(waiting.branch ?? '', 'src/sum.js');
    expect(stands).not.toContain('<<<<<<<');
    expect(repository.git('rev-list', '--merges', `main..${waiting.branch}`)).toBe('');
    expect((await merges(ticket.id))[0]).toMatchObject({ status: 'failed', merged_sha: null });
    await api().post(`/tickets/${ticket.id}/cancel`);
    await played.stop();
  });
});

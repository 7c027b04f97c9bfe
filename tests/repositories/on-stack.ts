import assert from 'node:assert/strict';
import { mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from '#tests/evaluation/support/own-stack.ts';
import { git } from '#tests/ports/local/fixture.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { answerValue, call } from '#tests/support/scripts.ts';
import { assertChanges, assertRefusal } from './at-ports.ts';
import type { Row } from './row.ts';

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

const writing = ([file, text]: [string, string]) =>
  `mkdir -p -- ${quoted(path.posix.dirname(file))} && echo ${Buffer.from(text).toString('base64')} | base64 -d > ./${quoted(file)}`;

/** Writes the files of the row, runs its check, and proves the work with it; where that is refused, restores and retries. */
function work(row: Row, request: Played): Reply {
  const command = row.check ?? 'test -f agent.txt';
  const idAt = (step: number) => `toolu_${request.user_id.slice(-12).replaceAll('-', '')}_${step}`;
  const check = call('bash', { command, cwd: '.' }, idAt(request.step));
  const proof = { tool_use_id: idAt(request.step - 1), exit_code: 0, excerpt: '' };
  const criteria = (request.context.criteria ?? []).map((criterion) => ({ criterion_id: criterion.id, ...proof }));
  const complete = call('complete_task', { summary: 'Wrote agent.txt.', evidence: [...criteria, proof] });
  switch (request.step) {
    case 0:
      if (row.told) assert.match(request.text, row.told);
      return {
        tools: [
          call('write_file', { path: 'agent.txt', content: 'by the agent\n' }),
          ...Object.entries(row.edits ?? {}).map((edit) => call('bash', { command: writing(edit) })),
          ...(row.command ? [call('bash', { command: row.command })] : []),
        ],
      };
    case 1:
      return { tools: [check] };
    case 3:
      assert.match(request.last, row.restore ? /is under the filter/ : /never/);
      return { tools: [call('bash', { command: row.restore, cwd: '.' }), check] };
    default:
      return { tools: [complete] };
  }
}

interface Asked {
  id: string;
  default_branch: string;
  repository: { path: string };
  message: string;
  details: { reason: string };
}

/** A check that prints its result as a test: its base, where it fails, need not run to compare. */
const asTest = (check: string) => `${check} && printf '1..1\\nok 1 - the check\\n'`;

/** Takes a row from its project over a quick ticket to a merged pull request, as a person does it over REST. */
export async function playOnStack(row: Row, dir: string, place: Place): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const home = path.join(dir, 'source');
  const source = row.make(home) ?? home;
  const { api } = place;
  const asked = await api.request<Asked>('POST', '/projects', {
    name: row.name.slice(0, 100),
    repository: { path: source },
    // A review would read the same files once more.
    settings: { setup: [], checks: [asTest(row.check ?? 'test -f agent.txt')], validation: 'none' },
  });
  if (row.refused) {
    assert.equal(asked.status, 400, JSON.stringify(asked.body));
    assertRefusal(row.refused, { code: asked.body.details.reason, message: asked.body.message });
    return;
  }
  assert.equal(asked.status, 201, JSON.stringify(asked.body));
  const { id, default_branch: main, repository } = asked.body;
  // However a repository is reached, it has one path.
  assert.equal(repository.path, realpathSync(source));
  // A clone may know its default branch from its remote alone.
  const refs = [`refs/heads/${main}`, `refs/remotes/**/${main}`];
  const [base = ''] = git(source, 'for-each-ref', '--format=%(objectname)', ...refs).split('\n');
  const played = await place.play((request) => answerValue(request) ?? work(row, request));
  const ticket = await api.post<{ id: string }>('/tickets', {
    project_id: id,
    title: `Add agent.txt ${played.word}`,
    description: 'A file of the agent.',
    workflow_mode: 'quick',
  });
  const pull = await pullRequest(place, id, ticket.id);
  const head = git(source, 'rev-parse', `refs/heads/${pull.branch}`);
  assertChanges(row, source, base, head);
  row.meanwhile?.(home);
  const merged = await api.request('POST', `/pull-requests/${pull.id}/merge`, {});
  assert.equal(merged.status, row.merge ? 409 : 200, JSON.stringify(merged.body));
  const tip = git(source, 'rev-parse', `refs/heads/${main}`);
  if (row.merge) {
    const { state } = await api.get<{ state: string }>(`/pull-requests/${pull.id}`);
    assert.equal(state, 'open');
  } else if (!row.meanwhile) {
    assert.equal(git(source, 'rev-parse', `${tip}^{tree}`), git(source, 'rev-parse', `${head}^{tree}`));
  }
  await played.stop();
}

async function pullRequest(
  { api }: Place,
  projectId: string,
  ticketId: string,
): Promise<{ id: string; branch: string }> {
  for (const end = Date.now() + 180_000; Date.now() < end; await sleep(250)) {
    const { items } = await api.get<{ items: { id: string; branch: string }[] }>(
      `/pull-requests?project_id=${projectId}`,
    );
    if (items[0]) return items[0];
    const ticket = await api.get<{ needs_review: boolean; last_error: string | null }>(`/tickets/${ticketId}`);
    if (ticket.needs_review) throw new Error(`The ticket needs a person: ${ticket.last_error}`);
  }
  throw new Error('No pull request within 180 s.');
}

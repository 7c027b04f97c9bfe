import type { HostAccount, HostIssue } from '../../ports/code-host.ts';
import { answers } from './github-client.ts';
import { readEditors } from './github-edits.ts';
import { markOf, newest, ownMark, type GithubRepository } from './github-remarks.ts';

const accountOf = ({ id, login }: { id: number; login: string }): HostAccount => ({ id: String(id), login });
const marks = new RegExp(`${ownMark}(\\S+) \\S+ -->`, 'g');

/** REST does not tell who changed the text of an issue. */
const editQuery = `query($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    issue(number: $number) { lastEditedAt editor { login } }
  }
}`;

interface EditView {
  repository: {
    issue: { lastEditedAt: string | null; editor: { login: string } | null } | null;
  } | null;
}

/** An issue with its conversation; undefined for a pull request, and where there is no such issue any more. */
export async function readIssue(
  repository: GithubRepository,
  number: number,
  label: string,
): Promise<HostIssue | undefined> {
  const { client, owner, repo } = repository;
  const at = { owner, repo, issue_number: number };
  const { data } = await client.rest.issues.get(at).catch((error: unknown) => {
    if (answers(error, 404) || answers(error, 410)) return { data: undefined };
    throw error;
  });
  if (!data?.user || data.pull_request) return undefined;
  const names = data.labels.map((one) => (typeof one === 'string' ? one : (one.name ?? '')));
  const isOurs = (name: string) => label !== '' && name.toLowerCase() === label.toLowerCase();
  // After the words: a change between the two reads is seen.
  const events = await newest((page) => client.rest.issues.listEvents({ ...at, ...page }));
  const comments = await newest((page) => client.rest.issues.listComments({ ...at, ...page }));
  const editors = await readEditors(client, comments);
  return {
    number,
    title: data.title,
    body: data.body ?? '',
    url: data.html_url,
    open: data.state === 'open',
    author: accountOf(data.user),
    edits: [...(await lastEdit()), ...lastRename()],
    ...(names.some(isOurs) ? { labelled: lastLabelled() } : {}),
    comments: comments.flatMap(({ id, node_id: node, user, body, created_at: at }) =>
      user && body && !body.includes(ownMark)
        ? [{ id: String(id), body, author: accountOf(user), at, ...editors.get(node) }]
        : [],
    ),
    answered: comments.flatMap(({ body }) =>
      [...(body ?? '').matchAll(marks)].flatMap(([mark, key = '']) =>
        mark === markOf(repository, number, key) ? [key] : [],
      ),
    ),
  };

  async function lastEdit(): Promise<HostIssue['edits']> {
    const { repository: there } = await client.graphql<EditView>(editQuery, { owner, repo, number });
    const { lastEditedAt: time, editor } = there?.issue ?? {};
    return time ? [{ at: time, by: editor?.login ?? null }] : [];
  }

  function lastRename(): HostIssue['edits'] {
    const last = events.findLast((one) => one.event === 'renamed');
    return last ? [{ at: last.created_at, by: last.actor?.login ?? null }] : [];
  }

  function lastLabelled(): HostIssue['labelled'] {
    const last = events.findLast((one) => one.event === 'labeled' && 'label' in one && isOurs(one.label.name ?? ''));
    return last?.actor ? { id: String(last.id), by: accountOf(last.actor), at: last.created_at } : undefined;
  }
}

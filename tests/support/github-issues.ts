import { missing, pageAnswer, type Asked, type Hosting } from './github-repositories.ts';
import { accountOf, labelOf, type Account } from './github-wire.ts';

export interface HostedIssue {
  repository: string;
  id: number;
  number: number;
  author: Account;
  title: string;
  body: string;
  state: 'open' | 'closed';
  labels: string[];
  events: { id: number; event: 'labeled' | 'unlabeled' | 'renamed'; label?: string; by: Account; at: string }[];
  /** The last change of its text. */
  edited?: { by: Account; at: string };
  at: string;
}

/** What a person does with an issue. Without a number it is a new one. */
export interface IssueAct {
  number?: number;
  by: { id: number; login: string };
  title?: string;
  body?: string;
  state?: 'open' | 'closed';
  labels?: string[];
}

/** The issues of the played GitHub. */
export class HostedIssues {
  readonly all: HostedIssue[] = [];

  constructor(
    private readonly at: Hosting,
    private readonly nextNumber: (fullName: string) => number,
  ) {}

  of(fullName: string, number: number): HostedIssue | undefined {
    return this.all.find((one) => one.repository === fullName && one.number === number);
  }

  act(fullName: string, { number, by, labels, ...fields }: IssueAct): void {
    const author: Account = { ...by, type: 'User' };
    let issue = number === undefined ? undefined : this.of(fullName, number);
    if (!issue) {
      const at = new Date().toISOString();
      const fresh = { title: 'An issue', body: '', state: 'open' as const, labels: [], events: [] };
      issue = {
        ...{ ...fresh, repository: fullName, id: this.at.newId(), author, at },
        number: this.nextNumber(fullName),
      };
      this.all.push(issue);
    }
    const at = new Date().toISOString();
    const isEdit = number !== undefined;
    if (isEdit && fields.body !== undefined) issue.edited = { by: author, at };
    if (isEdit && fields.title !== undefined)
      issue.events.push({ id: this.at.newId(), event: 'renamed', by: author, at });
    Object.assign(issue, fields);
    if (!labels) return;
    const told = (event: 'labeled' | 'unlabeled', names: string[]) =>
      names.map((label) => ({ id: this.at.newId(), event, label, by: author, at: new Date().toISOString() }));
    const { labels: before } = issue;
    issue.events.push(
      ...told(
        'labeled',
        labels.filter((name) => !before.includes(name)),
      ),
    );
    issue.events.push(
      ...told(
        'unlabeled',
        before.filter((name) => !labels.includes(name)),
      ),
    );
    issue.labels = labels;
  }

  answer(fullName: string, { method, rest, query }: Asked): { status: number; answer: object } | undefined {
    const [, number, events] = /^\/issues\/(\d+)(\/events)?$/.exec(rest) ?? [];
    if (!number || method !== 'GET') return undefined;
    const issue = this.of(fullName, Number(number));
    if (!issue) throw missing();
    if (!events) return { status: 200, answer: this.shown(issue) };
    const url = `${this.at.api}/repos/${fullName}/issues/events`;
    const shown = issue.events.map(({ id, event, label, by, at }) => ({
      ...{ id, node_id: Buffer.from(`E${id}`).toString('base64'), url: `${url}/${id}`, event, created_at: at },
      ...{ actor: accountOf(this.at.api, this.at.url, by), commit_id: null, commit_url: null },
      performed_via_github_app: null,
      ...(label === undefined
        ? { rename: { from: 'Before', to: issue.title } }
        : { label: { name: label, color: 'ededed' } }),
    }));
    return pageAnswer(shown, query, url);
  }

  private shown(issue: HostedIssue): object {
    const repository = `${this.at.api}/repos/${issue.repository}`;
    const url = `${repository}/issues/${issue.number}`;
    return {
      ...{ id: issue.id, node_id: Buffer.from(`I${issue.id}`).toString('base64'), number: issue.number },
      ...{ url, repository_url: repository, html_url: `${this.at.url}/${issue.repository}/issues/${issue.number}` },
      ...{ labels_url: `${url}/labels{/name}`, comments_url: `${url}/comments`, events_url: `${url}/events` },
      ...{ state: issue.state, title: issue.title, body: issue.body },
      user: accountOf(this.at.api, this.at.url, issue.author),
      labels: issue.labels.map((name, index) => labelOf(this.at.api, issue.repository, name, index + 1)),
      ...{ assignee: null, assignees: [], milestone: null, locked: false, comments: 0, closed_at: null },
      ...{ created_at: issue.at, updated_at: issue.at, author_association: 'CONTRIBUTOR', reactions: undefined },
    };
  }
}

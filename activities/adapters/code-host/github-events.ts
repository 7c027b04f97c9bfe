import { verify } from '@octokit/webhooks-methods';
import { z } from 'zod';
import { AppError } from '#workflows/domain/errors.ts';
import type { HostEvent, SignedEvent, WebhookSecret } from '../../ports/code-host.ts';
import { githubPlace } from './github-place.ts';

const eventSchema = z.object({
  action: z.string().max(100).optional(),
  repository: z.object({ full_name: z.string() }).optional(),
  /** Of an event about the App itself. */
  installation: z.object({ id: z.number().int() }).optional(),
  repositories_removed: z.array(z.object({ full_name: z.string() })).optional(),
  changes: z
    .object({
      repository: z.object({ name: z.object({ from: z.string() }) }).optional(),
      owner: z
        .object({ from: z.partialRecord(z.enum(['user', 'organization']), z.object({ login: z.string() }).nullable()) })
        .optional(),
    })
    .optional(),
  issue: z.object({ number: z.number().int(), pull_request: z.unknown().optional() }).optional(),
  check_run: z.object({ head_sha: z.string().max(64) }).optional(),
  check_suite: z.object({ head_sha: z.string().max(64) }).optional(),
  /** Of a status. */
  sha: z.string().max(64).optional(),
  ref: z.string().max(300).optional(),
  pull_request: z.object({ number: z.number().int() }).optional(),
});

/** Events that tell of a change of a pull request, or of what people say about it. */
const ofPulls = ['pull_request', 'pull_request_review', 'pull_request_review_comment', 'issue_comment'];

const ofIssues = ['issues', 'issue_comment'];

export interface GithubEventsOptions {
  /** Of a webhook that serves projects without a secret of their own. */
  secret: string | undefined;
  /** The address of the GitHub server. */
  web: string;
  /** The projects' own secrets: of one project, or of those with a repository. */
  secretsOf(named: { project_id?: string; full_name: string }): Promise<WebhookSecret[]>;
}

/** Reads GitHub's events. */
export function githubEvents({ secret, web, secretsOf }: GithubEventsOptions) {
  return async ({ bytes, signature, name, project_id }: SignedEvent): Promise<HostEvent | undefined> => {
    const text = bytes.toString('utf8');
    // Not trusted yet: it only says whose secrets are tried.
    const read = eventSchema.safeParse(bodyOf(text));
    const now = read.data?.repository?.full_name ?? '';
    const within = (name === 'repository' ? nameBefore(now, read.data?.changes) : now).toLowerCase();
    const own = await secretsOf({ project_id, full_name: within });
    if (!secret && own.length === 0)
      throw new AppError(
        'invalid_rule',
        'No secret is known for this event: the repository is not connected to a project, and GITHUB_WEBHOOK_SECRET is not set.',
      );
    const fits = async (key: string) => text !== '' && signature !== '' && verify(key, text, signature);
    const signed: string[] = [];
    for (const one of own) if (await fits(one.secret)) signed.push(one.project_id);
    if (signed.length === 0 && !(secret && (await fits(secret))))
      throw new AppError(
        'unauthenticated',
        'X-Hub-Signature-256 does not fit the body. Give the webhook at GitHub the secret of the connected project, or of GITHUB_WEBHOOK_SECRET.',
      );
    const { installation } = read.data ?? {};
    if (read.success && signed.length === 0 && installation && name.startsWith('installation'))
      return ofInstallation(name, read.data, String(installation.id));
    if (!read.success || within === '') {
      if (name !== 'pull_request' && bodyOf(text) !== undefined) return undefined;
      throw new AppError(
        'invalid_rule',
        'The event must be JSON that names repository.full_name: set the content type of the webhook to application/json.',
      );
    }
    const { action, issue, ref } = read.data;
    // GitHub calls the conversation of a pull request comments of an issue.
    const pull = name === 'issue_comment' ? (issue?.pull_request ? issue : undefined) : read.data.pull_request;
    const branch = name === 'push' ? /^refs\/heads\/(.+)$/.exec(ref ?? '')?.[1] : undefined;
    if (name === 'pull_request' && !pull) throw new AppError('invalid_rule', 'The event names no pull_request.number.');
    const withOwn = own.map((one) => one.project_id);
    return {
      provider: 'github',
      name: [name, action].filter(Boolean).join('.').slice(0, 100),
      ...(pull && ofPulls.includes(name) ? { number: pull.number } : {}),
      ...(issue && !issue.pull_request && ofIssues.includes(name) ? { issue: issue.number } : {}),
      ...checkedBy(name, read.data),
      ...(branch ? { branch } : {}),
      within,
      ...(name === 'repository' ? ofRepository(action, now, web, signed.length === 0) : {}),
      isOf: ({ id, repository_url: address }) => {
        const place = githubPlace(address, web);
        const isThere = place !== undefined && `${place.owner}/${place.repo}`.toLowerCase() === within;
        return isThere && (signed.length > 0 ? signed.includes(id) : !withOwn.includes(id));
      },
    };
  };
}

type EventBody = z.output<typeof eventSchema>;

/** The commit whose checks an event tells of. */
function checkedBy(name: string, { check_run: run, check_suite: suite, sha }: EventBody): { checked_sha?: string } {
  const checked = { check_run: run?.head_sha, check_suite: suite?.head_sha, status: sha }[name];
  return checked === undefined ? {} : { checked_sha: checked };
}

/** owner/name of a repository before it was renamed or given to another owner. */
function nameBefore(now: string, changes: EventBody['changes']): string {
  const [owner = '', repo = ''] = now.split('/');
  const { user, organization } = changes?.owner?.from ?? {};
  const from = user?.login ?? organization?.login ?? owner;
  return now && `${from}/${changes?.repository?.name.from ?? repo}`;
}

/**
 * What an event says of a repository itself. Only the App's own secret moves a project: whoever knows the secret of one
 * project must not lead its connection to another repository.
 */
function ofRepository(action: string | undefined, now: string, web: string, byApp: boolean): Partial<HostEvent> {
  if (action === 'deleted') return { problem: `${now} was deleted at GitHub. Connect another repository.` };
  if (action === 'archived') return { problem: `${now} was archived at GitHub, so nothing can be pushed there.` };
  if (action === 'unarchived') return { problem: null };
  if (action !== 'renamed' && action !== 'transferred') return {};
  if (byApp) return { moved_to: { full_name: now, url: `${web.replace(/\/$/, '')}/${now}.git` }, problem: null };
  return { problem: `The repository is ${now} at GitHub now. Connect it again.` };
}

const removed = 'The GitHub App was removed from the repository. Install it there, then connect the repository again.';

/** What an event says of the App itself; undefined where it changes no connection. */
function ofInstallation(name: string, { action, ...body }: EventBody, id: string): HostEvent | undefined {
  const problems: Record<string, string | null> = {
    'installation.deleted': removed,
    'installation.suspend': 'The GitHub App is suspended. An owner at GitHub takes that back in its settings.',
    'installation.unsuspend': null,
    'installation_repositories.removed': removed,
  };
  const event = `${name}.${action}`;
  const problem = problems[event];
  if (problem === undefined) return undefined;
  const taken = body.repositories_removed?.map((one) => one.full_name.toLowerCase());
  return {
    ...{ provider: 'github', name: event, within: '', installation_id: id, problem, isOf: () => false },
    ...(name === 'installation_repositories' ? { repositories: taken ?? [] } : {}),
  };
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

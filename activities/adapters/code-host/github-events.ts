import { verify } from '@octokit/webhooks-methods';
import { z } from 'zod';
import { AppError } from '#workflows/domain/errors.ts';
import type { EventOf, HostEvent, SignedEvent, WebhookSecret } from '../../ports/code-host.ts';
import { githubPlace } from './github-place.ts';

const id = z.number().int().positive();
const identified = z.object({ id });
const numbered = z.object({ number: id });
const commit = z.object({ head_sha: z.string().max(64) });
const fields = {
  action: z.string().max(100).optional(),
  repository: z.object({ id: id.optional(), full_name: z.string().regex(/^[^/]+\/[^/]+$/, 'must be owner/name') }),
  installation: identified,
  /** That an installation of the App has from its beginning, or has from now on. */
  repositories: z.array(identified).optional(),
  repositories_added: z.array(identified).optional(),
  issue: numbered.extend({ pull_request: z.unknown().optional() }),
  pull_request: numbered,
  check_run: commit,
  check_suite: commit,
  /** Of a status. */
  sha: z.string().max(64),
  ref: z.string().max(300),
};
type EventBody = { [K in keyof typeof fields]?: z.output<(typeof fields)[K]> | undefined };

const { action, repository, installation, issue, repositories, repositories_added } = fields;
const ofPull = z.object({ action, repository, pull_request: numbered });
const ofIssue = z.object({ action, repository, issue });
/** What is read of events of other kinds. */
const ofAny = z.object({ action, repository: repository.optional() });
/** The events that are taken, by the header that names them. */
const taken: Record<string, z.ZodType<EventBody> | undefined> = {
  push: z.object({ repository, ref: fields.ref }),
  pull_request: ofPull,
  pull_request_review: ofPull,
  pull_request_review_comment: ofPull,
  issues: ofIssue,
  issue_comment: ofIssue,
  check_run: z.object({ action, repository, check_run: commit }),
  check_suite: z.object({ action, repository, check_suite: commit }),
  status: z.object({ repository, sha: fields.sha }),
  repository: z.object({ action, repository: repository.required({ id: true }) }),
  installation: z.object({ action, installation, repositories }),
  installation_repositories: z.object({ action, installation, repositories_added }),
};

export interface GithubEventsOptions {
  /** Of a webhook that serves projects without a secret of their own. */
  secret: string | undefined;
  /** The address of the GitHub server. */
  web: string;
  /** The projects' own secrets: of one project, or of those with a repository. */
  secretsOf(named: EventOf): Promise<WebhookSecret[]>;
}

/**
 * Reads GitHub's events. The signature covers the body alone: the header with the name of the event may be another's, and a
 * delivery may be repeated or late. So an event only says where to look, and what is true is read at GitHub.
 */
export function githubEvents({ secret, web, secretsOf }: GithubEventsOptions) {
  return async ({ bytes, signature, name, project_id }: SignedEvent): Promise<HostEvent | undefined> => {
    const text = bytes.toString('utf8');
    const body = bodyOf(text);
    // Not trusted yet: it only says whose secrets are tried.
    const about = ofAny.safeParse(body).data?.repository;
    const within = (about?.full_name ?? '').toLowerCase();
    const repository_id = about?.id === undefined ? undefined : String(about.id);
    const own = await secretsOf({ project_id, repository_id, full_name: within });
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
    const event = eventOf(name, body);
    const withOwn = own.map((one) => one.project_id);
    const isSignedFor = (id: string) => (signed.length > 0 ? signed.includes(id) : !withOwn.includes(id));
    if (event.installation)
      return signed.length > 0 ? undefined : ofInstallation(name, event, String(event.installation.id));
    if (within === '') return undefined;
    const { issue: asked, ref } = event;
    // GitHub calls the conversation of a pull request comments of an issue.
    const pull = asked?.pull_request ? asked : event.pull_request;
    const branch = /^refs\/heads\/(.+)$/.exec(ref ?? '')?.[1];
    const checked = event.check_run?.head_sha ?? event.check_suite?.head_sha ?? event.sha;
    return {
      provider: 'github',
      name: nameOf(name, event),
      ...(pull ? { number: pull.number } : {}),
      ...(asked && !asked.pull_request ? { issue: asked.number } : {}),
      ...(checked === undefined ? {} : { checked_sha: checked }),
      ...(branch ? { branch } : {}),
      within,
      ...(repository_id ? { repository_id } : {}),
      of_repository: name === 'repository',
      isSignedFor,
      isAt: (address) => {
        const place = githubPlace(address, web);
        return place !== undefined && `${place.owner}/${place.repo}`.toLowerCase() === within;
      },
    };
  };
}

const nameOf = (name: string, event: EventBody) => [name, event.action].filter(Boolean).join('.').slice(0, 100);

/** The fields of an event that its name stands for. @throws AppError('invalid_rule') with the field that is not as GitHub sends it. */
function eventOf(name: string, body: unknown): EventBody {
  if (body === undefined)
    throw new AppError(
      'invalid_rule',
      'The event must be JSON: set the content type of the webhook to application/json.',
    );
  const read = (taken[name] ?? ofAny).safeParse(body);
  if (read.success) return read.data;
  const details = read.error.issues.map(({ path, message }) => ({ field: path.join('.') || 'body', message }));
  throw new AppError(
    'invalid_rule',
    `The body is not that of GitHub's event ${name.slice(0, 100)}: ${details.map(({ field, message }) => `${field}: ${message}`).join('; ')}. Send the event as GitHub made it.`,
    details,
  );
}

/** What an event says of the App itself. */
function ofInstallation(name: string, event: EventBody, installationId: string): HostEvent {
  const included = [...(event.repositories ?? []), ...(event.repositories_added ?? [])];
  return {
    ...{ provider: 'github', name: nameOf(name, event), within: '', of_repository: true },
    ...{ installation_id: installationId, repository_ids: included.map((one) => String(one.id)) },
    isSignedFor: () => true,
    isAt: () => false,
  };
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

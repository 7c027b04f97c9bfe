import { verify } from '@octokit/webhooks-methods';
import { z } from 'zod';
import { AppError } from '#workflows/domain/errors.ts';
import type { HostEvent, SignedEvent, WebhookSecret } from '../../ports/code-host.ts';
import { githubPlace } from './github-place.ts';

const eventSchema = z.object({
  action: z.string().max(100).optional(),
  repository: z.object({ full_name: z.string() }),
  issue: z.object({ number: z.number().int(), pull_request: z.unknown() }).optional(),
  ref: z.string().max(300).optional(),
  pull_request: z.object({ number: z.number().int() }).optional(),
});

/** Events that tell of a change of a pull request, or of what people say about it. */
const ofPulls = ['pull_request', 'pull_request_review', 'pull_request_review_comment', 'issue_comment'];

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
    const within = read.data?.repository.full_name.toLowerCase() ?? '';
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
    if (!read.success) {
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
      ...(branch ? { branch } : {}),
      within,
      isOf: ({ id, repository_url: address }) => {
        const place = githubPlace(address, web);
        const isThere = place !== undefined && `${place.owner}/${place.repo}`.toLowerCase() === within;
        return isThere && (signed.length > 0 ? signed.includes(id) : !withOwn.includes(id));
      },
    };
  };
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

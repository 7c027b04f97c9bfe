import { verify } from '@octokit/webhooks-methods';
import { z } from 'zod';
import { AppError } from '#workflows/domain/errors.ts';
import type { HostEvent, SignedEvent } from '../../ports/code-host.ts';
import { githubPlace } from './github-place.ts';

const pullEvent = z.object({
  repository: z.object({ full_name: z.string() }),
  pull_request: z.object({ number: z.number().int() }),
});

/** Reads GitHub's events. @param web the address of the GitHub server. */
export function githubEvents({ secret, web }: { secret: string | undefined; web: string }) {
  return async ({ bytes, signature, name }: SignedEvent): Promise<HostEvent | undefined> => {
    if (!secret)
      throw new AppError('invalid_rule', 'GITHUB_WEBHOOK_SECRET is not set, so no event of GitHub can be checked.');
    const text = bytes.toString('utf8');
    if (!signature || !text || !(await verify(secret, text, signature)))
      throw new AppError(
        'unauthenticated',
        'X-Hub-Signature-256 does not fit the body. Give the webhook at GitHub the secret of GITHUB_WEBHOOK_SECRET.',
      );
    if (name !== 'pull_request') return undefined;
    const read = pullEvent.safeParse(bodyOf(text));
    if (!read.success)
      throw new AppError('invalid_rule', 'The event names no repository.full_name or no pull_request.number.');
    const { repository, pull_request: pull } = read.data;
    const within = repository.full_name.toLowerCase();
    return {
      provider: 'github',
      number: pull.number,
      within,
      isOf: (address) => {
        const place = githubPlace(address, web);
        return place !== undefined && `${place.owner}/${place.repo}`.toLowerCase() === within;
      },
    };
  };
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError(
      'invalid_rule',
      'The body must be JSON: set the content type of the webhook to application/json.',
    );
  }
}

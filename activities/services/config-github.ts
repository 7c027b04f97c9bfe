import { z } from 'zod';
import { positive, secret } from './config-values.ts';

/** How the installation reaches GitHub's API. People sign in there by the settings of `oauth`. */
export const githubSchema = z.strictObject({
  /** Of a GitHub Enterprise server: https://HOST/api/v3. By default it follows from GITHUB_URL. */
  api_url: z.url().optional(),
  /** A token for the organizations of `git.machine_credentials`, for projects without a credential of their own. */
  token: secret.optional(),
  /** Signs the events that GitHub sends to /api/v1/github/webhooks/github. */
  webhook_secret: secret.optional(),
  /** Times that reviews at GitHub may send one pull request back to work; after them it waits for a person. */
  review_rounds: positive.default(10),
});

export const githubNames: Record<string, string> = {
  GITHUB_API_URL: 'github.api_url',
  GITHUB_TOKEN: 'github.token',
  GITHUB_WEBHOOK_SECRET: 'github.webhook_secret',
};

import { z } from 'zod';
import { count, positive, secret, text } from './config-values.ts';

/** How the installation reaches GitHub's API. People sign in there by the settings of `oauth`. */
export const githubSchema = z.strictObject({
  /** Of a GitHub Enterprise server: https://HOST/api/v3. By default it follows from GITHUB_URL. */
  api_url: z.url().optional(),
  /** A token for the organizations of `git.machine_credentials`, for projects without a credential of their own. */
  token: secret.optional(),
  /** A GitHub App, which acts where it is installed: its id, and its private key as PEM; `\n` stands for a line's end. */
  app_id: text.optional(),
  app_private_key: secret.transform((key) => key.replaceAll('\\n', '\n')).optional(),
  /** Signs the events that GitHub sends to /api/v1/github/webhooks/github. */
  webhook_secret: secret.optional(),
  /** The label of pull requests that are opened at GitHub; empty: none. */
  label: z.string().max(50).default('omoios'),
  /** Times that reviews at GitHub may send one pull request back to work; after them it waits for a person. */
  review_rounds: positive.default(10),
  /** Times that failed checks at GitHub send one pull request back to work by themselves; 0: never. */
  check_rounds: count.default(3),
});

export const githubNames: Record<string, string> = {
  GITHUB_API_URL: 'github.api_url',
  GITHUB_TOKEN: 'github.token',
  GITHUB_APP_ID: 'github.app_id',
  GITHUB_APP_PRIVATE_KEY: 'github.app_private_key',
  GITHUB_WEBHOOK_SECRET: 'github.webhook_secret',
};

/** A GitHub App whose settings are not complete: its events could not be trusted. */
export function githubProblems(
  { app_id: id, app_private_key: key, webhook_secret: webhook }: z.output<typeof githubSchema>,
  { production, secretsKey }: { production: boolean; secretsKey: boolean },
): string[] {
  if (!id && !key) return [];
  const missing = { GITHUB_APP_ID: id, GITHUB_APP_PRIVATE_KEY: key, GITHUB_WEBHOOK_SECRET: webhook };
  const problems = Object.entries(missing).flatMap(([name, value]) =>
    value ? [] : [`${name}: the GitHub App needs it. Set it, or unset the others.`],
  );
  if (key && !/^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key))
    problems.push(
      'GITHUB_APP_PRIVATE_KEY: must be the PEM text that GitHub gave, from its BEGIN line to its END line.',
    );
  if (production && !secretsKey)
    problems.push(
      'SECRETS_KEY: a repository that is connected by the App is stored encrypted. Set it (openssl rand -hex 32).',
    );
  return problems;
}

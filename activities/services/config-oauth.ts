import { z } from 'zod';
import { secret, text } from './config-values.ts';

/** Providers at which people sign in. One with id and secret is offered. */
export const oauthSchema = z.strictObject({
  github_client_id: text.optional(),
  github_client_secret: secret.optional(),
  github_url: z.url().default('https://github.com'),
  google_client_id: text.optional(),
  google_client_secret: secret.optional(),
  google_issuer: z.url().default('https://accounts.google.com'),
  gitlab_client_id: text.optional(),
  gitlab_client_secret: secret.optional(),
  /** GitLab is offered only where this is set. */
  gitlab_url: z.url().optional(),
  /** How long a person may take at the provider. */
  state_ttl: z.coerce.number().positive().max(3600).default(600),
});

export const oauthNames: Record<string, string> = {
  GITHUB_CLIENT_ID: 'oauth.github_client_id',
  GITHUB_CLIENT_SECRET: 'oauth.github_client_secret',
  GITHUB_URL: 'oauth.github_url',
  GOOGLE_CLIENT_ID: 'oauth.google_client_id',
  GOOGLE_CLIENT_SECRET: 'oauth.google_client_secret',
  GOOGLE_ISSUER: 'oauth.google_issuer',
  GITLAB_CLIENT_ID: 'oauth.gitlab_client_id',
  GITLAB_CLIENT_SECRET: 'oauth.gitlab_client_secret',
  GITLAB_URL: 'oauth.gitlab_url',
};

/** A provider whose settings are not complete, or whose tokens could not be stored. */
export function oauthProblems(
  settings: z.output<typeof oauthSchema>,
  { production, secretsKey }: { production: boolean; secretsKey: boolean },
): string[] {
  return (['github', 'google', 'gitlab'] as const).flatMap((name) => {
    const given = [`${name}_client_id`, `${name}_client_secret`] as const;
    const missing = given.filter((key) => settings[key] === undefined).map((key) => key.toUpperCase());
    if (name === 'gitlab' && settings.gitlab_url === undefined) missing.push('GITLAB_URL');
    if (given.every((key) => settings[key] === undefined)) return [];
    if (missing.length > 0)
      return missing.map((key) => `${key}: sign-in with ${name} needs it. Set it, or unset the rest.`);
    return production && !secretsKey
      ? [`SECRETS_KEY: sign-in with ${name} stores its tokens encrypted. Set it (openssl rand -hex 32).`]
      : [];
  });
}

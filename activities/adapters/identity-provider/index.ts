import type { IdentityProvider } from '../../ports/identity-provider.ts';
import { github } from './github.ts';
import { openId } from './openid.ts';

interface Settings {
  github_client_id?: string;
  github_client_secret?: string;
  github_url: string;
  google_client_id?: string;
  google_client_secret?: string;
  google_issuer: string;
  gitlab_client_id?: string;
  gitlab_client_secret?: string;
  gitlab_url?: string;
}

const plain = (url: string) => url.replace(/\/+$/, '');

/** The providers of the settings, by the names in addresses. */
export function identityProviders(settings: Settings): ReadonlyMap<string, IdentityProvider> {
  const providers = new Map<string, IdentityProvider>();
  const keys = (client_id?: string, client_secret?: string) =>
    client_id && client_secret ? { client_id, client_secret } : undefined;
  const ofGitHub = keys(settings.github_client_id, settings.github_client_secret);
  if (ofGitHub) providers.set('github', github({ ...ofGitHub, url: plain(settings.github_url) }));
  const ofGoogle = keys(settings.google_client_id, settings.google_client_secret);
  if (ofGoogle)
    providers.set(
      'google',
      openId({
        ...ofGoogle,
        title: 'Google',
        issuer: settings.google_issuer,
        parameters: { scope: 'openid email profile', access_type: 'offline' },
      }),
    );
  const ofGitLab = keys(settings.gitlab_client_id, settings.gitlab_client_secret);
  if (ofGitLab && settings.gitlab_url)
    providers.set(
      'gitlab',
      openId({
        ...ofGitLab,
        title: 'GitLab',
        issuer: plain(settings.gitlab_url),
        parameters: { scope: 'openid email profile read_user' },
      }),
    );
  return providers;
}

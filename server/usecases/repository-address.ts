import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RepositorySource, SignIn } from '#activities/ports/repositories.ts';
import type { Services } from '#activities/ports/services.ts';
import type { CredentialInput } from '#prisma/store/credentials.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Call } from '../http/context.ts';

const invalid = (field: string, message: string) =>
  new AppError('invalid_rule', `${field} ${message}.`, [{ field, message }]);

/** Takes user name, password and token out of a repository's URL. A user name of ssh is no secret and stays. */
export function splitUrl(given: string): { url: string; signIn?: SignIn } {
  if (!/^[a-z][a-z+.-]*:\/\//i.test(given)) return { url: given };
  let parsed: URL;
  try {
    parsed = new URL(given);
  } catch {
    throw invalid('repository.url', 'is not a valid URL');
  }
  const { protocol, username, password } = parsed;
  if (parsed.search || parsed.hash)
    throw invalid('repository.url', 'must have no query; write a token as https://TOKEN@host/path');
  const isHttp = protocol === 'http:' || protocol === 'https:';
  // Parsed by one parser, so that git and the check of the host read the same host.
  if (!username && !password) return { url: isHttp ? parsed.href : given };
  if (!isHttp) {
    if (password) throw invalid('repository.url', `takes no password with ${protocol}//; use https:// for a token`);
    return { url: given };
  }
  parsed.username = '';
  parsed.password = '';
  return {
    url: parsed.href,
    signIn: { username: decoded(username), password: decoded(password) },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('repository.url', 'has a token with a % that encodes nothing; write it as %25');
  }
}

/** Encrypts a sign-in and returns the row that holds it. @throws in production without SECRETS_KEY. */
function sealSignIn(
  services: Pick<Services, 'secrets'>,
  row: Pick<CredentialInput, 'id' | 'organization_id' | 'label' | 'created_by'>,
  signIn: SignIn,
): CredentialInput {
  const context = `${row.organization_id}:${row.id}`;
  return { ...row, kind: 'repository', ...services.secrets.seal(JSON.stringify(signIn), context) };
}

/**
 * The source that a new project names, and the credential to store with it.
 * @throws invalid_rule.
 */
export async function sourceOf(
  call: Call,
  repository: { path: string } | { url: string },
): Promise<RepositorySource & { credential?: CredentialInput }> {
  const { organization_id, services, actor } = call;
  if ('url' in repository && !repository.url.startsWith('file:')) {
    const { url, signIn } = splitUrl(repository.url);
    if (!signIn) return { url, organization_id };
    const row = { id: call.newId('credential'), organization_id, label: url, created_by: actor.user_id };
    return { url, organization_id, sign_in: signIn, credential: sealSignIn(services, row, signIn) };
  }
  const given = 'path' in repository ? repository.path : pathOfUrl(repository.url);
  if (!path.isAbsolute(given)) throw invalid('repository.path', 'must be absolute');
  const real = await realpath(given).catch(() => path.resolve(given));
  return { path: real, organization_id };
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw invalid('repository.url', 'names no path on this machine');
  }
}

/** Takes tokens out of the URLs that an earlier version stored. Safe to repeat, and beside other servers. */
export async function takeOutStoredTokens(services: Services): Promise<void> {
  for (const { id, organization_id, repository_url } of await services.store.projects.withSecretInUrl()) {
    const { url, signIn } = splitUrl(repository_url ?? '');
    if (!signIn) continue;
    const row = { id, organization_id, label: url, created_by: null };
    await services.store.credentials.create(sealSignIn(services, row, signIn));
    await services.store.projects.update(organization_id, id, { repository_url: url, credential_id: id });
  }
}

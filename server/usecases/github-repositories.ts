import type { GithubAccount, GithubPlace, GithubRepository } from '#activities/ports/github.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type * as contracts from '../contracts/github-repositories.ts';
import type { Call } from '../http/context.ts';
import { requireSignIn } from './account.ts';
import { connectRemedy } from './github-connection.ts';

/** What GitHub does for the caller, in the name of their own connection alone. @throws invalid_rule without one. */
export async function connectionOf(call: Call): Promise<{ account: GithubAccount; credential_id: string }> {
  requireSignIn(call);
  const { services, actor } = call;
  const row = await services.store.identity.repositoryAccount(actor.user_id, 'github');
  if (!row)
    throw new AppError('invalid_rule', `You have not connected GitHub. ${connectRemedy}`, { reason: 'connect' });
  const account = await services.github.ofAccount(row.credential_id);
  if (!account)
    throw new AppError('invalid_rule', `GitHub has ended your connection. ${connectRemedy}`, { reason: 'reconnect' });
  return { account, credential_id: row.credential_id };
}

const at = async (call: Call) => (await connectionOf(call)).account;

/** Adds the project that works on each repository, if the organization has one. */
export async function withProjects(call: Call, rows: GithubRepository[]) {
  const { services, organization_id } = call;
  const known = await services.store.projects.addresses(organization_id);
  const projects = new Map(
    known.flatMap(({ id, name, repository_url: address }) => {
      const place = services.github.placeOf(address);
      return place ? [[nameOf(place), { id, name }] as const] : [];
    }),
  );
  return rows.map((row) => ({ ...row, project: projects.get(row.full_name.toLowerCase()) ?? null }));
}
const nameOf = ({ owner, repo }: GithubPlace) => `${owner}/${repo}`.toLowerCase();

export async function githubRepositories(call: Call, { query, ...page }: Query<typeof contracts.githubRepositories>) {
  const { items, next_cursor } = await (await at(call)).repositories(page, query);
  return { items: await withProjects(call, items), next_cursor };
}

export const githubOwners = async (call: Call, page: Query<typeof contracts.githubOwners>) =>
  (await at(call)).owners(page);

export async function githubRepositoryOf(call: Call, place: GithubPlace) {
  const [row] = await withProjects(call, [await (await at(call)).repository(place)]);
  return row;
}

export const githubBranches = async (call: Call, place: GithubPlace, page: Query<typeof contracts.githubBranches>) =>
  (await at(call)).branches(place, page);

export const githubContents = async (
  call: Call,
  { path, ...place }: GithubPlace & { path: string },
  { ref }: Query<typeof contracts.githubContents>,
) => (await at(call)).file(place, path, ref);

export const githubDirectory = async (
  call: Call,
  place: GithubPlace,
  { path, ref, ...page }: Query<typeof contracts.githubDirectory>,
) => (await at(call)).directory(place, path, page, ref);

export const githubTree = async (
  call: Call,
  place: GithubPlace,
  { ref, ...page }: Query<typeof contracts.githubTree>,
) => (await at(call)).tree(place, page, ref);

export const githubCommits = async (
  call: Call,
  place: GithubPlace,
  { ref, path, ...page }: Query<typeof contracts.githubCommits>,
) => (await at(call)).commits(place, page, { ref, path });

export const githubPulls = async (
  call: Call,
  place: GithubPlace,
  { state, ...page }: Query<typeof contracts.githubPulls>,
) => (await at(call)).pulls(place, page, state);

export const createGithubBranch = async (
  call: Call,
  place: GithubPlace,
  { name, from }: Body<typeof contracts.createGithubBranch>,
) => (await at(call)).createBranch(place, name, from);

export const createGithubPull = async (call: Call, place: GithubPlace, pull: Body<typeof contracts.createGithubPull>) =>
  (await at(call)).createPull(place, pull);

export const putGithubContents = async (
  call: Call,
  { path, ...place }: GithubPlace & { path: string },
  { content, encoding, ...file }: Body<typeof contracts.putGithubContents>,
) => (await at(call)).putFile(place, path, { ...file, content: Buffer.from(content, encoding) });

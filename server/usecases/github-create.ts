import type { GithubAccount } from '#activities/ports/github.ts';
import { RepositoryError } from '#activities/ports/repositories.ts';
import { grants } from '#workflows/domain/access/permissions.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { Body } from '../contracts/contract.ts';
import type * as contracts from '../contracts/github-repositories.ts';
import { launchSpec as launch } from '../contracts/specs.ts';
import type { Call } from '../http/context.ts';
import { connectionOf, withProjects } from './github-repositories.ts';
import { createProject } from './projects.ts';
import { launchSpec } from './launch-spec.ts';

/** The owner of a new repository. @throws invalid_rule for a login that is neither the account nor its organization. */
async function ownerOf(account: GithubAccount, wanted: string | undefined) {
  const { items } = await account.owners({ limit: 1000 });
  const found = items.find(({ login }, index) =>
    wanted === undefined ? index === 0 : login.toLowerCase() === wanted.toLowerCase(),
  );
  if (found) return found;
  throw new AppError(
    'invalid_rule',
    `owner must be one of ${items.map(({ login }) => login).join(', ')}: your account at GitHub and the organizations that it shows to OmoiOS.`,
    [{ field: 'owner', message: 'is not an owner for whom you can create repositories' }],
  );
}

async function isTaken(account: GithubAccount, place: { owner: string; repo: string }): Promise<boolean> {
  try {
    await account.repository(place);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return false;
    throw error;
  }
}

const takenName = (fullName: string) => `${fullName} exists already at GitHub. Choose another name.`;

export async function checkGithubAvailability(
  call: Call,
  { name, owner: wanted }: Body<typeof contracts.checkGithubAvailability>,
) {
  const { account } = await connectionOf(call);
  const { login } = await ownerOf(account, wanted);
  const taken = await isTaken(account, { owner: login, repo: name });
  const fullName = `${login}/${name}`;
  return { available: !taken, full_name: fullName, reason: taken ? takenName(fullName) : null };
}

/** All that can be refused is refused before the repository exists, since nobody here may delete it. */
export async function createGithubRepository(
  call: Call,
  input: Body<typeof contracts.createGithubRepository>,
): Promise<{
  repository: Awaited<ReturnType<typeof withProjects>>[number];
  project_id: string | null;
  spec_id: string | null;
  problem: string | null;
}> {
  const { name, owner: wanted, visibility, description, template, feature_description: feature } = input;
  const permissions = call.actor.grants.find((grant) => grant.organization_id === call.organization_id)?.permissions;
  if (feature && !call.actor.is_super_admin && !grants(permissions ?? [], launch.auth))
    throw new AppError(
      'forbidden',
      `Your role does not have the permission ${launch.auth}, which feature_description needs.`,
    );
  if (input.auto_scaffold && !call.services.github.opens_pull_requests)
    throw new AppError(
      'invalid_rule',
      'auto_scaffold needs a code host: the operator of this installation sets CODE_HOST=github.',
    );
  const { account } = await connectionOf(call);
  const owner = await ownerOf(account, wanted);
  if (await isTaken(account, { owner: owner.login, repo: name }))
    throw new AppError('invalid_rule', takenName(`${owner.login}/${name}`), [{ field: 'name', message: 'is taken' }]);
  const made = await account.createRepository(owner, {
    name,
    private: visibility === 'private',
    description,
    template,
    first_commit: input.auto_scaffold,
  });
  const begun = input.auto_scaffold ? await scaffold(call, made.full_name, feature) : undefined;
  const [repository = { ...made, project: null }] = await withProjects(call, [made]);
  return { repository, project_id: null, spec_id: null, problem: null, ...begun };
}

/** The project on a new repository, and its first feature. The repository stays whatever is refused here. */
async function scaffold(call: Call, fullName: string, feature: string | undefined) {
  const done: { project_id?: string; spec_id?: string } = {};
  try {
    const repository = { github: fullName };
    const project = await createProject(call, { name: fullName.split('/')[1] ?? fullName, repository });
    done.project_id = project.id;
    if (!feature) return done;
    const title = cutStart(feature.split('\n')[0] ?? feature, 100);
    const wanted = { project_id: project.id, title, description: feature, auto_execute: true, force: false };
    done.spec_id = (await launchSpec(call, wanted)).spec_id;
    return done;
  } catch (error) {
    if (!(error instanceof AppError) && !(error instanceof RepositoryError)) throw error;
    const next = done.project_id ? 'Launch the feature on its page.' : 'Create a project for it.';
    return { ...done, problem: `${fullName} was created, but: ${error.message} ${next}` };
  }
}

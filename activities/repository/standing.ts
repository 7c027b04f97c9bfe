import { hostChangedUpdate } from '#workflows/contracts/pull-request.ts';
import { repositorySource } from '../ports/repositories.ts';
import type { Services } from '../ports/services.ts';

/**
 * Reads how the connected repository of a project is at GitHub, and stores that: its name and owner now, and why it cannot be
 * worked on. A project without a connected repository stays as it is. Safe to repeat.
 * @throws AppError unavailable and rate_limited: then nothing is stored.
 */
export const createReadRepository =
  ({ store, github, workflows }: Services) =>
  async (input: { organization_id: string; project_id: string }): Promise<void> => {
    const { organization_id, project_id } = input;
    const row = await store.connectedRepositories.find(organization_id, project_id);
    if (!row) return;
    const [owner = '', repo = ''] = row.full_name.split('/');
    const source = repositorySource({ ...row.project, organization_id });
    const standing = await github.standing({ ...row, place: { owner, repo }, source });
    const { repository, problem } = standing;
    const before = github.placeOf(source.url ?? null);
    const isItsAddress = before && `${before.owner}/${before.repo}`.toLowerCase() === row.full_name;
    const moved = repository && repository.full_name.toLowerCase() !== row.full_name && isItsAddress;
    const url = moved ? { url: github.addressOf(repository.place) } : {};
    await store.connectedRepositories.noteStanding(row, {
      problem,
      ...(repository ? { repository: { id: repository.id, full_name: repository.full_name, ...url } } : {}),
    });
    if (!moved) return;
    // Their workflows may have failed to read them under the name before.
    const open = await store.pullRequests.list(organization_id, { project_id, state: 'open' }, { limit: 200 });
    for (const { id } of open.items.filter(({ provider }) => provider === 'github'))
      await workflows.updateWithStart({ pull_request_id: id, organization_id, project_id }, hostChangedUpdate, {});
  };

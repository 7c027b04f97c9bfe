import type { SignedEvent } from '#activities/ports/code-host.ts';
import type { Services } from '#activities/ports/services.ts';
import { issueChangedSignal, pushedSignal } from '#workflows/contracts/repository.ts';
import { hostChangedUpdate } from '#workflows/contracts/pull-request.ts';
import { shareNext } from './share-next.ts';

/** Of many events of one thing at once, a few are told to its workflow: each answer follows one that was told after it came. */
const share = shareNext();
/** The newest event of projects, by their ids. */
const newest = new Map<string, string>();

/**
 * Takes an event of the code host. It only says that a pull request, an issue or the default branch changed; what it is now
 * is read at the code host by the workflow of the pull request or of the repository. So events have the same effect in any order, twice and late.
 */
export async function takeCodeHostEvent(
  { codeHost, store, workflows }: Services,
  signed: SignedEvent,
): Promise<{ changed: string[] }> {
  const event = await codeHost.readEvent(signed);
  if (!event) return { changed: [] };
  const { connectedRepositories } = store;
  const { installation_id: installation, repositories: some, problem, moved_to: address } = event;
  const connected = installation
    ? await connectedRepositories.ofInstallation(installation, some)
    : (await connectedRepositories.at(event.within)).filter(({ project }) => event.isOf(project));
  const told = connected.map(({ project }) => project.id);
  const heard = told.join();
  newest.set(heard, event.name);
  await share(`heard:${heard}`, () => {
    const name = newest.get(heard) ?? event.name;
    newest.delete(heard);
    return connectedRepositories.heard(told, name);
  });
  if (problem !== undefined && told.length > 0) await connectedRepositories.noteProblem(told, problem);
  if (address && told.length > 0) await connectedRepositories.move(told, address);
  const { branch, issue } = event;
  if (branch !== undefined || issue !== undefined)
    for (const project of await store.projects.atAddress(event.within)) {
      if (!event.isOf(project)) continue;
      const to = { organization_id: project.organization_id, project_id: project.id };
      if (project.default_branch === branch)
        await share(`pushed:${project.id}`, () => workflows.signalRepository(to, pushedSignal, {}));
      if (issue !== undefined)
        await share(`issue:${project.id}:${issue}`, () =>
          workflows.signalRepository(to, issueChangedSignal, { number: issue }),
        );
    }
  const { number, checked_sha: head_sha } = event;
  const of = number !== undefined ? { number } : head_sha !== undefined ? { head_sha } : undefined;
  const rows = of ? await store.pullRequests.atHost(event.provider, of, event.within) : [];
  const changed = rows.filter(({ project_id: id, repository_url }) => event.isOf({ id, repository_url }));
  for (const { id, organization_id, project_id } of changed)
    await share(`pull:${id}`, async () => {
      await workflows.updateWithStart({ pull_request_id: id, organization_id, project_id }, hostChangedUpdate, {});
    });
  return { changed: changed.map(({ id }) => id) };
}

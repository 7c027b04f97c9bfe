import type { SignedEvent } from '#activities/ports/code-host.ts';
import type { Services } from '#activities/ports/services.ts';
import { issueChangedSignal, pushedSignal, repositoryChangedSignal } from '#workflows/contracts/repository.ts';
import { hostChangedUpdate } from '#workflows/contracts/pull-request.ts';
import { shareNext } from './share-next.ts';

/** Of many events of one thing at once, a few are told to its workflow: each answer follows one that was told after it came. */
const share = shareNext();
/** The newest event of projects, by their ids. */
const newest = new Map<string, string>();

/**
 * Takes an event of the code host. It only says that a pull request, an issue, the default branch, or the repository itself
 * changed; what it is now is read at the code host by the workflow of the pull request or of the repository. So events have the
 * same effect in any order, twice and late, and no delivery needs to be remembered.
 */
export async function takeCodeHostEvent(
  { codeHost, store, workflows }: Services,
  signed: SignedEvent,
): Promise<{ changed: string[] }> {
  const event = await codeHost.readEvent(signed);
  if (!event) return { changed: [] };
  const { connectedRepositories } = store;
  const { installation_id: installation, repository_ids: included = [], repository_id, within } = event;
  const found = (
    installation
      ? await connectedRepositories.ofInstallation(installation, included)
      : await connectedRepositories.at({ repository_id, full_name: within })
  ).filter((row) => event.isSignedFor(row.project_id));
  /** Another repository has the name by now. */
  const others = installation
    ? []
    : found.filter((row) => repository_id && row.repository_id && row.repository_id !== repository_id);
  const connected = found.filter((row) => !others.includes(row));
  const told = connected.map((row) => row.project_id);
  const heard = told.join();
  newest.set(heard, event.name);
  await share(`heard:${heard}`, () => {
    const name = newest.get(heard) ?? event.name;
    newest.delete(heard);
    return connectedRepositories.heard(told, name);
  });
  // Another name or id than the stored one: the event of the change may have been lost.
  const isDoubtful = (row: (typeof found)[number]) =>
    event.of_repository || row.full_name !== within || row.repository_id === null || others.includes(row);
  for (const { project_id, organization_id } of found.filter(isDoubtful))
    await share(`repository:${project_id}`, () =>
      workflows.signalRepository({ organization_id, project_id }, repositoryChangedSignal, {}),
    );
  if (installation) return { changed: [] };
  /** A repository that was renamed has its projects under the name before, until that is read. */
  const names = [...new Set([within, ...connected.map((row) => row.full_name)])];
  const isOf = (id: string, address: string | null) =>
    event.isSignedFor(id) &&
    (told.includes(id) || (event.isAt(address) && !others.some(({ project_id }) => project_id === id)));
  const { branch, issue } = event;
  if (branch !== undefined || issue !== undefined)
    for (const project of (await Promise.all(names.map((name) => store.projects.atAddress(name)))).flat()) {
      if (!isOf(project.id, project.repository_url)) continue;
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
  const rows = of
    ? (await Promise.all(names.map((name) => store.pullRequests.atHost(event.provider, of, name)))).flat()
    : [];
  const changed = rows.filter(({ project_id: id, repository_url }) => isOf(id, repository_url));
  for (const { id, organization_id, project_id } of changed)
    await share(`pull:${id}`, async () => {
      await workflows.updateWithStart({ pull_request_id: id, organization_id, project_id }, hostChangedUpdate, {});
    });
  return { changed: changed.map(({ id }) => id) };
}

import { syncProject } from '../ports/link-commits.ts';
import type { Services } from '../ports/services.ts';
import { createReadIssue } from './issues.ts';
import { createReadRepository } from './standing.ts';

/** Steps of `repositoryWorkflow`. */
export function createRepositoryActivities(services: Services) {
  const { store } = services;
  return {
    readIssue: createReadIssue(services),
    readRepository: createReadRepository(services),
    /** Brings the project's mirror up to date, and links the new commits of its default branch. */
    readPushed: async (input: { organization_id: string; project_id: string }): Promise<void> => {
      await syncProject(services, await store.projects.get(input.organization_id, input.project_id));
      await store.connectedRepositories.synced(input.project_id);
    },
  };
}

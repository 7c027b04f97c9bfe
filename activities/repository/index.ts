import { syncProject } from '../ports/link-commits.ts';
import type { Services } from '../ports/services.ts';

/** Steps of `repositoryWorkflow`. */
export function createRepositoryActivities(services: Services) {
  const { store } = services;
  return {
    /** Brings the project's mirror up to date, and links the new commits of its default branch. */
    readPushed: async (input: { organization_id: string; project_id: string }): Promise<void> => {
      await syncProject(services, await store.projects.get(input.organization_id, input.project_id));
      await store.connectedRepositories.synced(input.project_id);
    },
  };
}

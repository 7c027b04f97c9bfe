import { z } from 'zod';
import { signal } from './message.ts';

export interface RepositoryInput {
  organization_id: string;
  project_id: string;
  /** What was told to the workflow before it continued as new, and is not read yet. */
  told?: { pushed: boolean; issues: number[]; changed?: boolean };
}

/** The default branch has new commits at the code host. They are read there. */
export const pushedSignal = signal('pushed', z.strictObject({}));

/** An issue has changed at the code host, or somebody has commented on it. It is read there. */
export const issueChangedSignal = signal('issueChanged', z.strictObject({ number: z.number().int().positive() }));

/** The repository itself, or what the installation's App may do there, may be another now. It is read at the code host. */
export const repositoryChangedSignal = signal('repositoryChanged', z.strictObject({}));

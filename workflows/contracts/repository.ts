import { z } from 'zod';
import { signal } from './message.ts';

export interface RepositoryInput {
  organization_id: string;
  project_id: string;
}

/** The default branch has new commits at the code host. They are read there. */
export const pushedSignal = signal('pushed', z.strictObject({}));

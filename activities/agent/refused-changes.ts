import type { Run } from '#prisma/store/runs.ts';
import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import { matchingGlob } from '#workflows/domain/path-globs.ts';
import { ownerOf } from '#workflows/domain/tasks/ownership.ts';
import type { Services } from '../ports/services.ts';
import { ownershipOf } from './file-ownership.ts';

export interface RefusedChanges {
  reason: 'forbidden_paths' | 'foreign_files';
  message: string;
}

const listed = (files: string[]) => files.slice(0, 20).map(oneLine).join(', ');

/**
 * Why work is refused for the files that it changes, by whatever tool: its launch forbids them, or they belong to a task
 * at work where the project's ownership is strict. A renamed file counts by both names.
 */
export async function refusedChanges(services: Services, run: Run, sha: string): Promise<RefusedChanges | undefined> {
  const { forbidden_paths: forbidden } = run.settings;
  const ownership = ownershipOf(services, run);
  if (!forbidden && !ownership?.strict) return undefined;
  const changes = await services.repositories.changedFiles(run.project_id, run.base_sha, sha, { renames: false });
  const paths = changes.map(({ path }) => path);
  const against = paths.filter((path) => matchingGlob(path, forbidden) !== undefined);
  if (against.length > 0)
    return {
      reason: 'forbidden_paths',
      message: `The work changes files that its launch forbids: ${listed(against)}.`,
    };
  if (!ownership?.strict) return undefined;
  const { own, others } = await ownership.read();
  const foreign = paths.flatMap((path) => {
    const owner = ownerOf(path, own, others);
    return owner ? [`${path} (${owner.key})`] : [];
  });
  if (foreign.length === 0) return undefined;
  return {
    reason: 'foreign_files',
    message: `The work changes files that belong to other tasks at work: ${listed(foreign)}.`,
  };
}

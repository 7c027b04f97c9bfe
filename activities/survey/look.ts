import { createHash } from 'node:crypto';
import type { Project } from '#prisma/store/projects.ts';
import type { FoundCommand, FoundEnvironment } from '#workflows/domain/survey/environment.ts';
import type { Services } from '../ports/services.ts';
import { findEnvironment } from './find/index.ts';

/** Paths of a repository that are looked through: names of manifests are near its top. */
const maxPaths = 100_000;

/** A command from the project's settings has no place in the repository. */
type ChosenCommand = Omit<FoundCommand, 'source'> & { source: FoundCommand['source'] | null };

export interface Environment extends Pick<FoundEnvironment, 'shown' | 'read'> {
  roots: (Omit<FoundEnvironment['roots'][number], 'setup' | 'checks'> & {
    setup: ChosenCommand[];
    checks: (ChosenCommand & Pick<FoundEnvironment['roots'][number]['checks'][number], 'purpose'>)[];
  })[];
}

/**
 * The commands of a project: what its files at a commit say, and its settings, which replace set-up and checks. Runs no
 * command.
 */
export async function lookAt(
  { repositories }: Pick<Services, 'repositories'>,
  project: Project,
  sha: string,
): Promise<Environment> {
  const { paths } = await repositories.listFiles(project.id, sha, { limit: maxPaths });
  const found = await findEnvironment({ paths, read: (wanted) => repositories.readFiles(project.id, sha, wanted) });
  const { setup, checks } = project.settings;
  const roots: Environment['roots'] = found.roots.map((root) => ({
    ...root,
    setup: setup ? [] : root.setup,
    checks: checks ? [] : root.checks,
    // Commands that a person names are not missing in the files.
    missing: setup || checks ? [] : root.missing,
  }));
  if (setup || checks) {
    if (roots[0]?.path !== '')
      roots.unshift({ path: '', kind: 'settings', setup: [], checks: [], tools: [], missing: [] });
    const [top] = roots;
    if (top && setup) top.setup = setup.map((command) => ({ command, source: null }));
    if (top && checks) top.checks = checks.map((command) => ({ command, source: null, purpose: 'test' }));
  }
  return {
    // A root for which the settings leave nothing to do is not shown.
    roots: roots.filter((root) => root.path === '' || root.setup.length + root.checks.length + root.missing.length > 0),
    shown: found.shown,
    read: found.read,
  };
}

/** Of everything that decides an environment: the files that it looked at, lock files included, and the settings. */
export async function fingerprintOf(
  { repositories }: Pick<Services, 'repositories'>,
  project: Project,
  sha: string,
  { read }: Pick<Environment, 'read'>,
): Promise<string> {
  const hash = createHash('sha256');
  const files = await repositories.readFiles(project.id, sha, read);
  for (const path of read) hash.update(`${path}\0${files.has(path) ? (files.get(path) ?? 'binary') : ''}\0`);
  const { setup, checks, network, survey } = project.settings;
  hash.update(JSON.stringify([setup, checks, network, survey]));
  return hash.digest('hex');
}

import path from 'node:path';
import { createRepositories } from '#activities/adapters/repositories/git.ts';
import { environment } from '#activities/services/config.ts';
import { git, makeRepository, scratchDir } from './fixture.ts';

/** Repositories over the git command line in a folder of the test file's own, removed after its last test. */
export function openRepositories() {
  const { dir, remove } = scratchDir();
  afterAll(remove);
  const dataDir = path.join(dir, 'data');
  const repositories = createRepositories({ dataDir, environment });
  let count = 0;
  return {
    dir,
    dataDir,
    repositories,
    /** A new repository to work with, and the id of its project. */
    fresh: (files?: Record<string, string | Buffer>) => {
      const source = path.join(dir, `source-${++count}`);
      return { source, base: makeRepository(source, files), id: `project-${count}` };
    },
    bareOf: (source: string) => {
      const bare = `${source}.git`;
      git('/', 'clone', '-q', '--bare', source, bare);
      return bare;
    },
    error: (code: string): unknown => expect.objectContaining({ name: 'RepositoryError', code }),
  };
}

import type { RunOutcome, TaskArtifacts } from '#prisma/store/json.ts';
import { measuredCoverage } from '#workflows/domain/agent/coverage.ts';
import { testPath } from '#workflows/domain/agent/test-changes.ts';
import type { Services } from '../ports/services.ts';

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

/**
 * EXEC-18: what the accepted work of a task has changed, and the coverage that the project's check has measured in a clean
 * checkout of it.
 * @param change undefined: nothing was changed.
 */
export async function artifactsOf(
  { repositories }: Pick<Services, 'repositories'>,
  projectId: string,
  change: { base_sha: string; head_sha: string } | undefined,
  check: RunOutcome['check'],
): Promise<TaskArtifacts> {
  const files = change ? await repositories.changedFiles(projectId, change.base_sha, change.head_sha) : [];
  const percent = check ? measuredCoverage(check.output) : undefined;
  return {
    code_changes: {
      files_changed: files.length,
      insertions: sum(files.map(({ lines_added: lines }) => lines)),
      deletions: sum(files.map(({ lines_removed: lines }) => lines)),
      test_files: files.filter(({ path }) => testPath.test(path)).length,
    },
    test_coverage:
      check && percent !== undefined
        ? { state: 'measured', percent, command: check.command }
        : { state: 'unverified', percent: null, reason: 'No check of the project has printed a coverage.' },
  };
}

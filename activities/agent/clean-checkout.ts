import type { Run } from '#prisma/store/runs.ts';
import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import type { Services } from '../ports/services.ts';

const timeoutMs = 60_000;

/**
 * EXEC-18: why the checkout of a run does not have all its work as commits of its branch, where the project requires that. A
 * state that cannot be read counts as not clean. Undefined where it is clean, and where nothing requires it.
 */
export async function uncommittedWork({ sandbox }: Pick<Services, 'sandbox'>, run: Run): Promise<string | undefined> {
  if (!run.settings.require_clean_git) return undefined;
  const git = (...words: string[]) => sandbox.exec(run.sandbox_id, ['git', ...words], { timeoutMs });
  const [branch, status] = [await git('branch', '--show-current'), await git('status', '--porcelain')];
  if (branch.exitCode !== 0 || status.exitCode !== 0)
    return `The state of the checkout cannot be read: ${oneLine(branch.stderr || status.stderr)}`;
  const current = branch.stdout.toString().trim();
  if (current !== run.branch)
    return `The checkout is on ${current ? `the branch ${oneLine(current)}` : 'no branch'}, and the work must be on ${run.branch}.`;
  const files = status.stdout.toString().split('\n').filter(Boolean);
  if (files.length === 0) return undefined;
  const shown = files.slice(0, 20).map((line) => oneLine(line.slice(3)));
  const more = files.length > shown.length ? ` and ${files.length - shown.length} more` : '';
  return `These files are not committed: ${shown.join(', ')}${more}.`;
}

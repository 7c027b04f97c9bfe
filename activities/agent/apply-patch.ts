import type { Run } from '#prisma/store/runs.ts';
import type { Services } from '../ports/services.ts';

/** Settings by which nothing of the patch or of the repository runs when Git reads it. */
const still = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false'];

/**
 * Makes the files of a run's sandbox what an agent elsewhere has handed in: the files that the run started with, and its
 * patch. A repeated call gives the same files.
 * @returns why the patch does not apply; undefined when it does, or when none was handed in.
 */
export async function applyPatch(services: Pick<Services, 'store' | 'sandbox'>, run: Run): Promise<string | undefined> {
  const { store, sandbox } = services;
  const patch = await store.agents.patchOf(run);
  if (patch === undefined) return undefined;
  const steps: [args: string[], input?: string][] = [
    [['reset', '--hard', '--quiet', run.start_sha]],
    [['clean', '-fdq']],
    [['apply', '--whitespace=nowarn', '-'], patch.endsWith('\n') ? patch : `${patch}\n`],
  ];
  for (const [args, input] of steps) {
    const { exitCode, stderr } = await sandbox.exec(run.sandbox_id, ['git', ...still, ...args], { input });
    if (exitCode !== 0)
      return `The patch that was handed in does not apply to ${run.start_sha}: ${stderr.trim().slice(0, 500)}`;
  }
  return undefined;
}

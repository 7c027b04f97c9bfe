import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openMachine } from '#activities/adapters/machine/index.ts';
import { deterministicId } from '#activities/support/ids.ts';
import type { EvaluationTask } from './tasks.ts';

const patchFile = '.evaluation.patch';
const limits = { memory_mb: 4096, processes: 1000, file_size_mb: 1024, log_mb: 20 };
const minutes = 60_000;

export interface Score {
  resolved: boolean;
  /** Why it is not resolved, with the end of the output. */
  problem?: string;
}

const quoted = (name: string) => `'${name.replaceAll("'", `'\\''`)}'`;

/** Runs the tests of tasks in sandboxes without network, apart from the agents' ones. */
export function openScorer() {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'omoios-evaluate-'));
  const machine = openMachine({ dataDir, host: 'evaluate' });

  /** Runs a command to its end. @returns undefined when it passed, else the end of its output. */
  async function fails(id: string, jobId: string, command: string, network: 'none' | 'full' = 'none') {
    const sandbox = await machine.sandbox();
    await sandbox.startCommand(id, { job_id: jobId, command, network, env: { CI: '1' } });
    const state = await sandbox.waitCommand(id, jobId, { timeoutMs: 30 * minutes });
    if (state.state === 'exited' && state.exit_code === 0) return undefined;
    if (state.state === 'running') await sandbox.killCommand(id, jobId);
    const { head, tail } = await sandbox.readOutput(id, jobId, { headBytes: 500, tailBytes: 1500 });
    return `\`${command.slice(0, 200)}\` ended with ${state.exit_code ?? state.state}:\n${Buffer.concat([head, tail]).toString()}`;
  }

  return {
    /**
     * Applies the hidden tests to a commit and runs them.
     * @param folder repository with the commit on a branch.
     * @param expected 'fail' examines the task itself: at its base the tests of FAIL_TO_PASS fail.
     */
    async score(
      task: EvaluationTask,
      folder: string,
      branch: string,
      setup: readonly string[],
      expected: 'pass' | 'fail',
    ): Promise<Score> {
      const sandbox = await machine.sandbox();
      const project = deterministicId(`evaluate:${task.instance_id}`);
      const { sha } = await machine.repositories.sync(project, { path: folder }, branch);
      const id = `evaluate-${expected}-${deterministicId(`${task.instance_id}:${sha}`).slice(0, 8)}`;
      await sandbox.create({
        id,
        project_id: project,
        base_sha: sha,
        branch: 'evaluation',
        access: 'read_write',
        labels: {},
        limits,
      });
      try {
        for (const [i, command] of setup.entries()) {
          const failed = await fails(id, `setup.${i}`, command, 'full');
          if (failed) return { resolved: false, problem: `Set-up: ${failed}` };
        }
        if (task.test_patch) {
          await sandbox.writeFile(id, patchFile, Buffer.from(task.test_patch));
          const apply = await fails(id, 'patch', `git apply --whitespace=nowarn ${patchFile} && rm ${patchFile}`);
          if (apply) return { resolved: false, problem: `The hidden tests do not apply: ${apply}` };
        }
        const run = (name: string, tests: string[]) =>
          fails(id, name, [task.test_command, ...tests.map(quoted)].join(' '));
        const wanted = await run('fail-to-pass', task.FAIL_TO_PASS);
        if (expected === 'fail')
          return wanted
            ? { resolved: true }
            : { resolved: false, problem: 'The task is wrong: the tests of FAIL_TO_PASS pass without any work.' };
        const problem =
          wanted ?? (task.PASS_TO_PASS.length > 0 ? await run('pass-to-pass', task.PASS_TO_PASS) : undefined);
        return { resolved: !problem, problem };
      } finally {
        await sandbox.destroy(id, project);
      }
    },
    async close(): Promise<void> {
      await machine.close();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
export type Scorer = ReturnType<typeof openScorer>;

import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandSpec } from '../ports/sandbox.ts';
import type { Services } from '../ports/services.ts';
import { givenUp } from '../support/heartbeat.ts';
import { runToEnd } from './run-to-end.ts';
import { setupKey, type SetupCommands } from './setup-key.ts';

interface FailedSetup {
  command: string;
  exit_code: number | null;
  output: string;
}

const tailBytes = 12_000;
/** How often a sandbox looks whether another one has set up the project. */
const claimMs = 300;

/** Runs one set-up command to its end. */
export async function runSetupCommand(
  services: Services,
  sandboxId: string,
  { timeoutMs, signal, ...spec }: CommandSpec & { timeoutMs: number; signal?: AbortSignal },
): Promise<{ exit_code: number | null; output: string; duration_ms: number | null }> {
  const { exit_code, duration_ms } = await runToEnd(services, sandboxId, spec, { timeoutMs, signal });
  const read = await services.sandbox.readOutput(sandboxId, spec.job_id, { headBytes: 2000, tailBytes });
  const output = services.redact(Buffer.concat([read.head, read.tail]).toString('utf8'));
  const late = exit_code === null ? `\n(ended after ${Math.round(timeoutMs / 1000)} s)` : '';
  return { exit_code, output: output + late, duration_ms };
}

/** Runs the project's set-up commands in a sandbox. By default only these have network access. */
async function runSetup(
  services: Services,
  sandboxId: string,
  commands: SetupCommands,
  signal?: AbortSignal,
): Promise<FailedSetup | undefined> {
  const network = commands.network === 'setup' ? 'full' : commands.network;
  for (const [i, command] of commands.setup.entries()) {
    const result = await runSetupCommand(services, sandboxId, {
      job_id: `setup.${i}`,
      command,
      network,
      timeoutMs: services.config.sandbox.setup_timeout * 1000,
      signal,
    });
    if (result.exit_code !== 0) return { command, ...result };
  }
  return undefined;
}

/**
 * Sets up the project in a sandbox before any agent works there: by what an earlier set-up of the same key left, or else by the
 * commands.
 * @param subject.sha commit whose files are in the workspace.
 * @param subject.keep keeps the result for other sandboxes. True only where these files are the default branch or a task's base:
 * what an agent or a task's branch wrote must not reach another sandbox.
 * @returns the first command that failed. Such a set-up is never kept.
 */
export async function setUp(
  services: Services,
  subject: { sandbox_id: string; project_id: string; sha: string; keep: boolean },
  commands: SetupCommands,
  signal?: AbortSignal,
): Promise<FailedSetup | undefined> {
  if (commands.setup.length === 0) return undefined;
  const { sandbox, log } = services;
  const { sandbox_id: id } = subject;
  const key = await setupKey(services, subject, commands);
  while (!(await sandbox.claimSetup(id, key))) {
    if (signal?.aborted) throw givenUp('The set-up was left.');
    await sleep(claimMs);
  }
  try {
    if (await sandbox.restoreSetup(id, key)) return undefined;
    // Nobody can take what this one leaves, so nobody waits for it.
    if (!subject.keep) await sandbox.releaseSetup(id, key);
    const failed = await runSetup(services, id, commands, signal);
    if (!failed && subject.keep)
      await sandbox.saveSetup(id, key).catch((error: unknown) => {
        log.warn({ sandbox_id: id, error: String(error) }, 'the set-up is not kept: the next sandbox runs it again');
      });
    return failed;
  } finally {
    await sandbox.releaseSetup(id, key);
  }
}

import { SandboxError, type CommandSpec } from '../ports/sandbox.ts';
import type { Services } from '../ports/services.ts';
import { givenUp } from '../support/heartbeat.ts';

interface EndedCommand {
  /** null: it was ended at its time limit. */
  exit_code: number | null;
  duration_ms: number | null;
  /** More was printed than is kept. */
  output_exceeded: boolean;
}

/**
 * Runs a command of the platform in a sandbox to its end or its time limit. The id of its job makes a repeated activity wait for
 * the first command. `shown` is the command as people know it. Throws when the wait was aborted, in which case the command runs on, and when the sandbox was lost.
 */
export async function runToEnd(
  { sandbox }: Pick<Services, 'sandbox'>,
  sandboxId: string,
  spec: CommandSpec,
  { timeoutMs, signal, shown = spec.command }: { timeoutMs: number; signal?: AbortSignal; shown?: string },
): Promise<EndedCommand> {
  const env = { CI: '1', NO_COLOR: '1', ...spec.env };
  await sandbox.startCommand(sandboxId, { ...spec, env });
  const state = await sandbox.waitCommand(sandboxId, spec.job_id, { timeoutMs, signal });
  const output_exceeded = state.output_exceeded ?? false;
  if (state.state === 'running') {
    // Only the wait was aborted; the command may still succeed.
    if (signal?.aborted) throw givenUp(`${shown} was left.`);
    await sandbox.killCommand(sandboxId, spec.job_id);
    return { exit_code: null, duration_ms: timeoutMs, output_exceeded };
  }
  // A command that ended with its sandbox is not a result of the project.
  const killed = (state.exit_code ?? 0) >= 128 && (await sandbox.status(sandboxId)) !== 'running';
  if (state.state === 'lost' || killed)
    throw new SandboxError('lost', `The sandbox of "${shown}" ended before the command.`);
  return { exit_code: state.exit_code ?? null, duration_ms: state.duration_ms ?? null, output_exceeded };
}

import { SandboxError, type CommandSpec } from '../ports/sandbox.ts';
import type { Services } from '../ports/services.ts';
import { givenUp } from '../support/heartbeat.ts';
import { setupKey, type SetupCommands } from './setup-key.ts';

interface FailedSetup {
  command: string;
  exit_code: number | null;
  output: string;
}

const tailBytes = 12_000;

/** Runs a command in a sandbox to its end. Its name makes a repeated activity wait for the first command. */
export async function runNamed(
  services: Services,
  sandboxId: string,
  jobId: string,
  command: string,
  options: { network: CommandSpec['network']; timeoutMs: number; signal?: AbortSignal },
): Promise<{ exit_code: number | null; output: string; duration_ms: number | null }> {
  const { sandbox } = services;
  await sandbox.startCommand(sandboxId, {
    job_id: jobId,
    command,
    network: options.network,
    env: { CI: '1', NO_COLOR: '1' },
  });
  const state = await sandbox.waitCommand(sandboxId, jobId, { timeoutMs: options.timeoutMs, signal: options.signal });
  // Only the wait was aborted; the command may still succeed.
  if (state.state === 'running' && options.signal?.aborted) throw givenUp(`${command} was left.`);
  const read = await sandbox.readOutput(sandboxId, jobId, { headBytes: 2000, tailBytes });
  const output = services.redact(Buffer.concat([read.head, read.tail]).toString('utf8'));
  if (state.state === 'running') {
    await sandbox.killCommand(sandboxId, jobId);
    const ended = `${output}\n(ended after ${Math.round(options.timeoutMs / 1000)} s)`;
    return { exit_code: null, output: ended, duration_ms: options.timeoutMs };
  }
  // A command that ended with its sandbox is not a result of the project.
  const killed = (state.exit_code ?? 0) >= 128 && (await sandbox.status(sandboxId)) !== 'running';
  if (state.state === 'lost' || killed)
    throw new SandboxError('lost', `The sandbox of "${command}" ended before the command.`);
  return { exit_code: state.exit_code ?? null, output, duration_ms: state.duration_ms ?? null };
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
    const result = await runNamed(services, sandboxId, `setup.${i}`, command, {
      network,
      timeoutMs: services.config.sandbox.setup_timeout * 1000,
      signal,
    });
    if (result.exit_code !== 0) return { command, ...result };
  }
  return undefined;
}

/** Set-ups that run on this worker, by their key: a sandbox waits for the one whose result it can take. */
const running = new Map<string, Promise<unknown>>();

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
  const place = `${subject.project_id} ${key}`;
  for (let other = running.get(place); other; other = running.get(place)) await leaving(other, signal);
  const act = async () => {
    if (await sandbox.restoreSetup(id, key)) return undefined;
    const failed = await runSetup(services, id, commands, signal);
    if (!failed && subject.keep)
      await sandbox.saveSetup(id, key).catch((error: unknown) => {
        log.warn({ sandbox_id: id, error: String(error) }, 'the set-up is not kept: the next sandbox runs it again');
      });
    return failed;
  };
  if (!subject.keep) return act();
  const mine = act().finally(() => running.delete(place));
  running.set(place, mine);
  return mine;
}

/** Waits for another set-up, however it ends, unless the own step is aborted. */
async function leaving(other: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  let aborted = () => {};
  const left = new Promise<void>((resolve) => {
    aborted = resolve;
    signal?.addEventListener('abort', aborted);
    if (signal?.aborted) resolve();
  });
  await Promise.race([other.catch(() => undefined), left]);
  signal?.removeEventListener('abort', aborted);
  if (signal?.aborted) throw givenUp('The set-up was left.');
}

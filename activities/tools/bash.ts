import { z } from 'zod';
import { type CommandState, SandboxError } from '../ports/sandbox.ts';
import { commandEnvironment } from './support/command-environment.ts';
import { commandOutput } from './support/command-output.ts';
import { defineTool } from './support/define-tool.ts';
import { denials } from './support/denials.ts';
import { waitsForJob } from './support/job-wait.ts';
import { staleFiles } from './support/stale-files.ts';
import { readingSessions, type ToolContext, type ToolErrorKind, type ToolResult } from './support/tool.ts';
import { inSeconds } from './support/wording.ts';

const schema = z.strictObject({
  command: z
    .string()
    .min(1)
    .meta({ description: 'As given to bash -c.', examples: ['npm test -- src/cart.test.ts'] }),
  timeout_ms: z
    .int()
    .positive()
    .optional()
    .meta({ description: 'Milliseconds to wait; 120000 by default, 600000 at most.' }),
  background: z.boolean().optional().meta({ description: 'Return at once: servers, watchers.' }),
  cwd: z.string().optional().meta({
    description: 'Folder to start in; by default where the last command left off.',
  }),
});

type Input = z.output<typeof schema>;

const MIN_TIMEOUT_MS = 1_000;
/** Milliseconds to wait for a background command, so that a failure at its start is reported at once. */
const BACKGROUND_WAIT_MS = 1_000;
/** Milliseconds that a killed command may take to end before its output is read. */
const KILL_WAIT_MS = 5_000;
/** Characters reserved for the first line and the notes. */
const HEADER_ROOM = 1_500;

export const bash = defineTool({
  name: 'bash',
  sessions: readingSessions,
  effect: 'command',
  description: `Run a command with bash: tests, builds, git, scripts. Every call is a new shell in the folder where the last one left off; exported variables, aliases and functions do not persist. There is no terminal and no input. Where chromium is installed, "chromium --headless --no-sandbox --disable-gpu --screenshot=page.png URL" draws a page, with a file:// address too, and read_file shows the picture.
The first line of the result says exit code, duration, the id of the call, which evidence names, and the folder; then come stdout and stderr together. The middle of long output is left out, and the log with all of it is named. After timeout_ms a command continues as a job until the run ends: "job log ID", "job wait ID" (up to 9 minutes) and "job kill ID" show it, wait for it and end it. Never use destructive git (reset --hard, clean, force push) or discard changes you did not make.`,
  schema,
  async run(input, context) {
    const { sandbox, call, signal } = context;
    const wait = timeoutFor(input, context);
    const start = await startFolder(input, context);
    if (signal.aborted) return interruptedEarly(context);

    const access = await sandbox.access?.();
    await sandbox.port.startCommand(sandbox.id, {
      job_id: call.job_id,
      command: start.command,
      network: sandbox.network,
      env: { ...commandEnvironment, ...access?.env },
      ...(access && { platform: access.platform }),
      ...(start.cwd && { cwd: start.cwd }),
    });
    const state = await waited(context, wait.ms);
    if (state.state === 'running' && signal.aborted) return interrupted(context);
    return result(context, state, input, wait.ms, [...wait.notes, ...start.notes]);
  },
});

function timeoutFor(
  { command, timeout_ms: wanted, background }: Input,
  { limits }: ToolContext,
): { ms: number; notes: string[] } {
  if (background) return { ms: BACKGROUND_WAIT_MS, notes: [] };
  if (wanted === undefined)
    return { ms: waitsForJob(command) ? limits.command_max_timeout_ms : limits.command_timeout_ms, notes: [] };
  const ms = Math.min(Math.max(wanted, MIN_TIMEOUT_MS), limits.command_max_timeout_ms);
  const limit = wanted > ms ? 'the most is' : 'it is in milliseconds, and the least is';
  return { ms, notes: ms === wanted ? [] : [`timeout_ms was ${wanted}; ${limit} ${ms}, which was used.`] };
}

/**
 * A folder that the model names is entered by the command itself: whether it exists is then decided once,
 * however often the call is tried, and the failure is part of the output.
 */
async function startFolder(
  { cwd, command }: Input,
  context: ToolContext,
): Promise<{ command: string; cwd?: string; notes: string[] }> {
  if (cwd) return { command: `cd -- '${cwd.replaceAll("'", "'\\''")}' || exit; ${command}`, notes: [] };
  const last = await context.lastCwd();
  if (!last) return { command, notes: [] };
  const found = await context.sandbox.port.stat(context.sandbox.id, last).catch(nothing);
  return found?.kind === 'directory'
    ? { command, cwd: last, notes: [] }
    : { command, notes: [`${last}/ is gone, so the command started in the workspace's root.`] };
}

/** Ignores a refusal of the port (a last folder outside the workspace, a missing log), but not a lost sandbox. */
function nothing(error: unknown): undefined {
  if (error instanceof SandboxError && error.code !== 'lost') return undefined;
  throw error;
}

/** Waits for the command. An abort ends the wait, whether the port returns the state or throws. */
async function waited({ sandbox, call, signal }: ToolContext, timeoutMs: number): Promise<CommandState> {
  try {
    return await sandbox.port.waitCommand(sandbox.id, call.job_id, { timeoutMs, signal });
  } catch (error) {
    if (signal.aborted && !(error instanceof SandboxError)) return { state: 'running' };
    throw error;
  }
}

async function result(
  context: ToolContext,
  state: CommandState,
  input: Input,
  waitMs: number,
  notes: string[],
): Promise<ToolResult> {
  // An end without an exit code is unknown as well.
  if (state.state === 'lost' || (state.state === 'exited' && state.exit_code === undefined)) return lost(context);
  const { text, path } = await commandOutput(context, roomForOutput(context));
  const id = context.call.job_id;
  const compose = (...head: string[]) => [...head, text].join('\n');

  if (state.exit_code === undefined) {
    const job = `job ${id}, log ${path}; "job log ${id}", "job wait ${id}" or "job kill ${id}" with bash. Output so far:`;
    if (input.background) return { text: compose(`running in the background, ${job}`, ...notes) };
    return { text: compose(`still running after ${waitMs / 1000} s, ${job}`, ...notes) };
  }
  // A killed command reports no folder, and a folder outside of the workspace is ignored.
  const cwd = state.cwd === undefined ? '' : ` · cwd ${state.cwd === '' ? '.' : `${state.cwd}/`}`;
  const first = `exit ${state.exit_code} · ${inSeconds(state.duration_ms ?? 0)} · call ${context.call.tool_use_id}${cwd}`;
  const denied = state.exit_code === 0 ? [] : denials(text, context.sandbox.network);
  return {
    text: compose(
      first,
      ...notes,
      ...exitNotes(state.exit_code, state.output_exceeded ?? false, path),
      ...denied,
      ...(await staleFiles(context)),
    ),
    exit_code: state.exit_code,
    ...(state.cwd !== undefined && { cwd: state.cwd }),
  };
}

function exitNotes(exit: number, exceeded: boolean, path: string): string[] {
  if (exceeded)
    return [
      `The command was ended because it wrote more output than a log may hold. Run it again with less output: quieter flags, or > /tmp/out.txt and then grep or tail. What it wrote is in ${path}.`,
    ];
  if (exit === 137) return ['It was killed (SIGKILL), most likely for using too much memory: run less at once.'];
  if (exit === 127) return ['A command was not found: see what is installed with "command -v NAME".'];
  return [];
}

async function lost(context: ToolContext): Promise<ToolResult> {
  // The log may be lost with the sandbox.
  const output = await commandOutput(context, roomForOutput(context)).catch(nothing);
  const log = output ? `Its log is ${output.path}. Output so far:\n${output.text}` : 'Its log is gone too.';
  return failed(
    'lost',
    `The outcome is unknown: the supervisor of the command vanished, so the command may have run in part or completely. Check the state it would have changed (git status, files, processes) before you run it again. ${log}`,
  );
}

async function interrupted(context: ToolContext): Promise<ToolResult> {
  const { sandbox, call } = context;
  await sandbox.port.killCommand(sandbox.id, call.job_id);
  await sandbox.port.waitCommand(sandbox.id, call.job_id, { timeoutMs: KILL_WAIT_MS });
  const { text, path } = await commandOutput(context, roomForOutput(context));
  return failed(
    'interrupted',
    `Interrupted: the command was ended before it was done, so its work may be half finished. Check the state (git status) before you continue. Its log is ${path}. Output so far:\n${text}`,
  );
}

/** Interrupted before the start, unless an earlier try of this call started it. */
async function interruptedEarly(context: ToolContext): Promise<ToolResult> {
  const { sandbox, call } = context;
  const state = await sandbox.port.waitCommand(sandbox.id, call.job_id, { timeoutMs: 0 }).catch(nothing);
  if (state && state.state !== 'lost') return interrupted(context);
  return failed('not_run', 'Interrupted before the command was started. Call bash again if it is still wanted.');
}

const roomForOutput = ({ limits }: ToolContext): number =>
  limits.result_chars - Math.min(HEADER_ROOM, limits.result_chars / 2);

function failed(kind: ToolErrorKind, text: string): ToolResult {
  return { text, is_error: true, error_kind: kind };
}

import type { CheckRun } from '#workflows/domain/survey/new-failures.ts';
import { storableText } from '#workflows/domain/text.ts';
import { SandboxError, type CommandSpec } from '../ports/sandbox.ts';
import type { Services } from '../ports/services.ts';
import { runToEnd } from '../project/run-to-end.ts';
import { quote } from './reports/command-line.ts';
import { factsOf, instrument, onlyTests, readTests } from './reports/index.ts';
import type { RootFacts } from './reports/reader.ts';
import { fileTests, readReports } from './read-reports.ts';

export interface Check {
  /** Unique in the sandbox. A repeated activity waits for the command of the same name. */
  job_id: string;
  command: string;
  /** The root's path, relative to the workspace. */
  cwd: string;
  network: CommandSpec['network'];
  timeoutMs: number;
}

export interface CheckResult extends CheckRun {
  /** Start and end of what the command printed, without secrets. */
  output: string;
  duration_ms: number;
  /** Name of the reader of its report; null: its tests cannot be read. */
  reader: string | null;
  too_long: boolean;
}

type Needed = Pick<Services, 'sandbox' | 'redact'>;

const headLength = 2000;
const tailLength = 12_000;
/** Of an output that is itself the report. */
const reportBytes = 25_000_000;

/** Runs one check in a sandbox to its end and reads its tests. */
export async function runCheck(
  services: Needed,
  sandboxId: string,
  check: Check,
  signal?: AbortSignal,
): Promise<CheckResult> {
  const root = await readFacts(services, sandboxId, check);
  return runCommand(services, sandboxId, check, check.command, root, signal);
}

/**
 * Runs some tests of a check alone where its runner can, and else all. They all run as well when none of them was
 * found: then its names do not fit, or the tests do not exist on this commit.
 */
export async function runTests(
  services: Needed,
  sandboxId: string,
  check: Check,
  ids: string[],
  signal?: AbortSignal,
): Promise<CheckResult> {
  const root = await readFacts(services, sandboxId, check);
  const command = onlyTests(check.command, root, ids);
  if (command !== undefined) {
    const wanted = new Set(ids);
    const alone = { ...check, job_id: `${check.job_id}.alone` };
    const result = await runCommand(services, sandboxId, alone, command, root, signal);
    if (result.tests?.some(({ id }) => wanted.has(id))) return result;
  }
  return runCommand(services, sandboxId, check, check.command, root, signal);
}

async function runCommand(
  services: Needed,
  sandboxId: string,
  check: Check,
  command: string,
  root: RootFacts,
  signal?: AbortSignal,
): Promise<CheckResult> {
  const { sandbox } = services;
  const { job_id: jobId } = check;
  const folder = [sandbox.workspacePath(sandboxId), check.cwd].filter(Boolean).join('/');
  // Outside of the workspace: a report must not become part of the work.
  const own = `/tmp/omoios-checks/${sandboxId}/${jobId}`;
  const instrumented = instrument(command, root, `${own}/report`);
  const { reader, reports } = instrumented;
  const spec = {
    job_id: jobId,
    // Old reports are deleted by the command itself: a repeated activity must not delete the new ones.
    command: `${prepare(own, reports)}\n${instrumented.command}`,
    cwd: check.cwd,
    network: check.network,
    env: instrumented.env,
  };
  const ended = await runToEnd(services, sandboxId, spec, { timeoutMs: check.timeoutMs, signal, shown: check.command });
  const tooLong = ended.exit_code === null;

  const printed = reports.length === 0 ? reportBytes : 2 * tailLength;
  const log = await sandbox.readOutput(sandboxId, jobId, { headBytes: printed, tailBytes: printed });
  const output = Buffer.concat([log.head, log.tail]).toString('utf8');
  const found = await readReports(sandbox, sandboxId, { folder, own, reports });
  const read = readTests(reader, { output, files: found.files }, folder);
  const partly = reports.length === 0 && log.total_bytes > 2 * printed;
  const seconds = Math.round(check.timeoutMs / 1000);
  const incomplete = tooLong
    ? `The check was ended after ${seconds} s.`
    : ended.output_exceeded || partly
      ? 'The check printed more than can be read.'
      : (found.incomplete ?? read.incomplete);
  return {
    exit_code: ended.exit_code,
    output: shorten(services.redact(read.output)) + (tooLong ? `\n(ended after ${seconds} s)` : ''),
    duration_ms: ended.duration_ms ?? check.timeoutMs,
    reader: read.reader,
    too_long: tooLong,
    ...(read.tests ? { tests: read.tests.map((test) => ({ ...test, id: services.redact(test.id) })) } : {}),
    ...(incomplete !== undefined && read.tests ? { incomplete } : {}),
  };
}

/** The shell text that deletes old reports and notes the time from which reports count. */
function prepare(own: string, reports: string[]): string {
  const deletes = reports
    .filter((name) => name.startsWith('**/'))
    .map((name) => `${fileTests('.', name)} -exec rm -f {} +`);
  return [`rm -rf ${quote(own)}; mkdir -p ${quote(own)}; : > ${quote(`${own}/start`)}`, ...deletes]
    .map((line) => `{ ${line}; } > /dev/null 2>&1`)
    .join('\n');
}

async function readFacts({ sandbox }: Needed, sandboxId: string, { cwd, command }: Check): Promise<RootFacts> {
  const files = new Map<string, string>();
  for (const name of factsOf(command))
    try {
      const content = await sandbox.readFile(sandboxId, cwd ? `${cwd}/${name}` : name);
      files.set(name, content.toString('utf8'));
    } catch (error) {
      if (!(error instanceof SandboxError) || error.code === 'lost') throw error;
    }
  return { file: (name) => files.get(name) };
}

/** Start and end, at whole characters, as text that can be stored. */
function shorten(output: string): string {
  const whole = storableText(output);
  if (whole.length <= headLength + tailLength) return whole;
  const left = whole.length - headLength - tailLength;
  return `${whole.slice(0, headLength)}\n(${left} characters are left out)\n${whole.slice(-tailLength)}`.toWellFormed();
}

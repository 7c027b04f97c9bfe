/**
 * A sandbox: an isolated workspace that a run's commands and file tools work in.
 * Every call names the sandbox by its id; every call may be repeated. Paths are relative to the workspace
 * (or absolute under `workspacePath`); one that leads out of it, by `..` or through links, is refused.
 */
export interface SandboxPort {
  readonly provider: string;
  /**
   * Name of the machine that alone can reach its sandboxes, or undefined when any can.
   * Activities of a sandbox run on the task queue of this name.
   */
  readonly host: string | undefined;
  /** False where commands run without isolation (no bubblewrap): only scripted rehearsals may use it then. */
  readonly isolated: boolean;

  /** Makes the sandbox, or does nothing when it runs already; revives one whose processes died, its files intact. */
  create(spec: SandboxSpec): Promise<void>;
  status(id: string): Promise<'running' | 'stopped' | 'absent'>;
  /**
   * Ends every process in it and deletes its files. Absent is fine.
   * @param projectId whose it was: where its own files are gone, what was kept for it elsewhere is found by this.
   */
  destroy(id: string, projectId?: string): Promise<void>;
  /** Ids of all sandboxes that exist here. */
  list(): Promise<string[]>;
  /** What it was labelled with when it was made; undefined when there is none. */
  labels(id: string): Promise<Record<string, string> | undefined>;
  /** The workspace's path as a command in the sandbox sees it. */
  workspacePath(id: string): string;

  /**
   * Starts a command unless that job id was started before: then nothing happens, whatever its state.
   * @throws SandboxError('lost') when the sandbox is not there.
   */
  startCommand(id: string, job: CommandSpec): Promise<void>;
  /**
   * Waits until the job has ended or `timeoutMs` has passed, whichever is first.
   * A job whose supervisor vanished without leaving an exit code is 'lost': its effect is unknown.
   */
  waitCommand(id: string, jobId: string, options: { timeoutMs: number; signal?: AbortSignal }): Promise<CommandState>;
  /** The job's output: the whole of it up to headBytes + tailBytes, else its two ends. */
  readOutput(id: string, jobId: string, limits: { headBytes: number; tailBytes: number }): Promise<CommandOutput>;
  /** Ends the job's whole process group. */
  killCommand(id: string, jobId: string): Promise<void>;

  /**
   * Runs a short command to its end, for the tools' own needs: repeatable, not kept, output up to 8 MB (too_large).
   * One that takes longer than timeoutMs (default 60 s) is killed with all it started: exit code 124.
   */
  exec(
    id: string,
    argv: string[],
    options?: { timeoutMs?: number; input?: string | Buffer; cwd?: string },
  ): Promise<{ exitCode: number; stdout: Buffer; stderr: string }>;

  /** @throws SandboxError: not_found, is_directory, not_a_file (a pipe, socket, device), denied, outside, too_large (64 MB), lost. */
  readFile(id: string, path: string): Promise<Buffer>;
  /** Replaces the file as a whole (old or new, never half), making missing folders; keeps an existing file's mode. */
  writeFile(id: string, path: string, content: Buffer): Promise<void>;
  /** Kind and size without reading; undefined when there is nothing. */
  stat(id: string, path: string): Promise<{ kind: 'file' | 'directory' | 'other'; size: number } | undefined>;
  /** Names in a directory, folders with a trailing slash, sorted. */
  readDirectory(id: string, path: string): Promise<string[]>;

  /** Id of the Git tree that the workspace's files (ignored ones left out) make now; 40 hex digits. */
  treeHash(id: string): Promise<string>;
  /**
   * Commits the workspace's files on top of `parent` and keeps the commit in the project's repository under `ref`
   * (a hidden ref). The agent's own branch and index stay as they are. The same tree as the parent's makes no commit:
   * the ref then names the parent. A repeated call gives the same commit.
   */
  checkpoint(
    id: string,
    options: { parent: string; ref: string; message: string },
  ): Promise<{ sha: string; tree: string }>;
  /**
   * Commits what is left and not ignored on the agent's branch and brings that branch's commits out, without
   * the agent's hooks and filters, into the project's repository under `ref`.
   */
  exportWork(id: string, options: { ref: string; message: string }): Promise<{ sha: string; tree: string }>;
}

export interface SandboxSpec {
  /** omoios-{task8}-{hex6} */
  id: string;
  project_id: string;
  /** Commit the workspace starts from; must be in the project's repository. */
  base_sha: string;
  /** Files are those of this commit instead, as uncommitted changes on top of the base: what a lost sandbox had. */
  restore_sha?: string;
  /** Branch checked out in the workspace. */
  branch: string;
  /** Read-only: commands cannot write to the workspace either. */
  access: 'read_write' | 'read_only';
  labels: Record<string, string>;
  limits: { memory_mb: number; processes: number; file_size_mb: number; log_mb: number };
}

export interface CommandSpec {
  /** Names the command for ever: `{run}.{turn}.{position}`. Letters, digits, '.', '-', '_'. */
  job_id: string;
  /** Run by `bash -c`. */
  command: string;
  /** Relative to the workspace; default its root. One that is gone falls back to the root. */
  cwd?: string;
  /** 'full' reaches the network: for the project's own setup commands alone. What such a command leaves running ends with it. */
  network: 'none' | 'full';
  env?: Record<string, string>;
}

export interface CommandState {
  state: 'running' | 'exited' | 'lost';
  /** 128 + signal when killed by one. */
  exit_code?: number;
  duration_ms?: number;
  /** Where the command left off, relative to the workspace ('' is its root). */
  cwd?: string;
  /** Its output passed log_mb and it was ended for that. */
  output_exceeded?: boolean;
}

export interface CommandOutput {
  head: Buffer;
  tail: Buffer;
  total_bytes: number;
  total_lines: number;
  /** The log's path as a command in the sandbox sees it. */
  path: string;
}

export type SandboxErrorCode =
  | 'lost'
  | 'not_found'
  | 'is_directory'
  | 'not_directory'
  | 'not_a_file'
  | 'outside'
  | 'denied'
  | 'read_only'
  | 'disk_full'
  | 'too_large';

export class SandboxError extends Error {
  override readonly name = 'SandboxError';

  constructor(
    readonly code: SandboxErrorCode,
    message: string,
  ) {
    super(message);
  }
}

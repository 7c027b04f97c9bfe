/**
 * Sandboxes: isolated workspaces in which a run's commands and file tools work. Every call names the sandbox by its
 * id and may be repeated. Paths are relative to the workspace, or absolute under `workspacePath`. A path that leads
 * out of the workspace, by `..` or through links, is refused.
 */
export interface SandboxPort {
  readonly provider: string;
  /**
   * Name of the only machine that can reach these sandboxes; undefined when every machine can.
   * Activities of a sandbox run on the task queue of this name.
   */
  readonly host: string | undefined;
  /** False where commands run without isolation (no bubblewrap). Then only scripted rehearsals may use it. */
  readonly isolated: boolean;

  /** Whether `openPort` works here: where commands are isolated, and this provider has a way to a port of a sandbox. */
  readonly ports: boolean;

  /** The platform's address for a command with `platform`; undefined where no command reaches the platform. */
  readonly platformUrl: string | undefined;

  /** What a project may name for its sandboxes; none where they are made from this machine. */
  readonly origins: readonly ('image' | 'snapshot')[];

  /** Creates the sandbox. One that runs stays as it is; one whose processes died is restarted with its files. */
  create(spec: SandboxSpec): Promise<void>;
  status(id: string): Promise<'running' | 'stopped' | 'absent'>;
  /**
   * Ends every process of the sandbox and deletes its files. An absent sandbox is not an error.
   * @param projectId the sandbox's project: needed to delete its ref in the mirror when its own files are gone.
   */
  destroy(id: string, projectId?: string): Promise<void>;
  /** Ids of all sandboxes that exist here. */
  list(): Promise<string[]>;
  /** The labels given at its creation; undefined when the sandbox does not exist. */
  labels(id: string): Promise<Record<string, string> | undefined>;
  /** The workspace's path as a command in the sandbox sees it. */
  workspacePath(id: string): string;

  /**
   * Starts a command. For a job id that was started before nothing happens, in whatever state that job is.
   * @throws SandboxError('lost') when the sandbox does not exist.
   */
  startCommand(id: string, job: CommandSpec): Promise<void>;
  /**
   * Waits until the job has ended or `timeoutMs` has passed, whichever is first.
   * A job whose supervisor vanished without leaving an exit code is 'lost': its effect is unknown.
   */
  waitCommand(id: string, jobId: string, options: { timeoutMs: number; signal?: AbortSignal }): Promise<CommandState>;
  /** The job's output: all of it up to headBytes + tailBytes, otherwise its beginning and its end. */
  readOutput(id: string, jobId: string, limits: { headBytes: number; tailBytes: number }): Promise<CommandOutput>;
  /** Ends the job's whole process group. */
  killCommand(id: string, jobId: string): Promise<void>;

  /**
   * Runs a short command for a tool's own needs. Its output is not stored and may have at most 8 MB. A command that
   * takes longer than timeoutMs (default 60 s) is killed with all its processes: exit code 124.
   * @throws SandboxError('too_large') for more output.
   */
  exec(
    id: string,
    argv: string[],
    options?: { timeoutMs?: number; input?: string | Buffer; cwd?: string },
  ): Promise<{ exitCode: number; stdout: Buffer; stderr: string }>;

  /**
   * Opens a way to one port of one sandbox for this process, and gives it again while it works. It ends with the sandbox
   * and with this process.
   * @throws SandboxError('lost') when the sandbox does not run. AppError('invalid_rule') where `ports` is false.
   */
  openPort(id: string, port: number): Promise<{ socketPath: string }>;

  /**
   * The programs of set-up and checks that work in the sandbox, as they answer there outside any project: a project's
   * version file may choose another version. Measured once for each state of the machine's tool chains.
   */
  tools(id: string): Promise<ToolVersion[]>;

  /**
   * @throws SandboxError: not_found, is_directory, not_a_file (a pipe, socket or device), denied, outside,
   * too_large (over 64 MB), lost.
   */
  readFile(id: string, path: string): Promise<Buffer>;
  /** Replaces a file atomically and creates missing folders. An existing file keeps its mode. */
  writeFile(id: string, path: string, content: Buffer): Promise<void>;
  /** Kind and size (bytes) of a path; undefined when it does not exist. */
  stat(id: string, path: string): Promise<{ kind: 'file' | 'directory' | 'other'; size: number } | undefined>;
  /** The names in a directory, sorted. Folders have a trailing slash. */
  readDirectory(id: string, path: string): Promise<string[]>;

  /**
   * Reserves the set-up of a key on this machine, so that sandboxes of one project that need it run it once. The
   * reservation ends by `releaseSetup`, and with the process that made it.
   * @returns false while another sandbox has it.
   */
  claimSetup(id: string, key: string): Promise<boolean>;
  /** Nothing happens where the sandbox has no reservation. */
  releaseSetup(id: string, key: string): Promise<void>;
  /**
   * Fills workspace and home with what `saveSetup` kept under the key for the sandbox's project. The first call for a
   * sandbox decides; a later one gives the same answer and changes no file.
   * @returns true when the project is set up, so that no set-up command has to run.
   */
  restoreSetup(id: string, key: string): Promise<boolean>;
  /**
   * Keeps what the set-up left outside tracked files, for sandboxes of the same project. A sandbox that is settled keeps
   * nothing, since an agent may have written its files, nor does a disk with little space.
   * @param key a hash (hexadecimal) of everything that the result depends on.
   */
  saveSetup(id: string, key: string): Promise<void>;

  /**
   * Takes the present files as what the project's set-up left: its new files, and tracked files as it changed them,
   * enter no commit. Only the first call for a sandbox has an effect.
   * @param setUp false when no set-up ran: then there is nothing to take.
   */
  settle(id: string, setUp: boolean): Promise<void>;
  /** Whether the sandbox exists and was settled. One that was lost and made again is not, until `settle` is called for it. */
  isSettled(id: string): Promise<boolean>;
  /**
   * Changed files that the last treeHash, checkpoint or exportWork left out, because an attribute names a filter for
   * them that is not installed: stored without it they would be wrong, or readable where they must not be.
   */
  refusedChanges(id: string): Promise<{ path: string; filter: string }[]>;

  /**
   * Id (40 hex digits) of the Git tree of the workspace's present files. Left out are ignored files, well-known litter of
   * tools (`__pycache__`, `node_modules`), files of the set-up and refused changes, unless `writeFile` wrote the litter.
   */
  treeHash(id: string): Promise<string>;
  /**
   * Commits the workspace's files on top of `parent` and stores the commit in the project's mirror under the hidden
   * ref `ref`. The agent's own branch and index do not change. If the tree equals the parent's, no commit is created
   * and the ref names the parent. A repeated call gives the same commit.
   */
  checkpoint(
    id: string,
    options: { parent: string; ref: string; message: string },
  ): Promise<{ sha: string; tree: string }>;
  /**
   * Commits all uncommitted files that are not ignored on the agent's branch, without the agent's hooks and filters,
   * and stores that branch's commits in the project's mirror under `ref`.
   */
  exportWork(id: string, options: { ref: string; message: string }): Promise<{ sha: string; tree: string }>;
  /** Lets git in the sandbox find a commit that came into the project's mirror after the sandbox was made. */
  provide(id: string, sha: string): Promise<void>;
}

export interface SandboxSpec {
  /** omoios-{task8}-{hex6} */
  id: string;
  project_id: string;
  /** Commit that the workspace starts from. It must be in the project's mirror. */
  base_sha: string;
  /** Commit with the files of a lost sandbox: they are restored as uncommitted changes on top of the base. */
  restore_sha?: string;
  /** Branch that is checked out in the workspace. */
  branch: string;
  /** With `read_only`, commands cannot write to the workspace either. */
  access: 'read_write' | 'read_only';
  labels: Record<string, string>;
  /** What it is made from; absent: as the platform's settings say. Of a kind in `origins`. */
  origin?: { image: string } | { snapshot: string };
  limits: { memory_mb: number; processes: number; file_size_mb: number; log_mb: number };
}

export interface CommandSpec {
  /** Unique name of the command: `{run}.{turn}.{position}`. Letters, digits, '.', '-' and '_'. */
  job_id: string;
  /** Run by `bash -c`. */
  command: string;
  /** Relative to the workspace. The root is the default, and replaces a folder that does not exist. */
  cwd?: string;
  /**
   * What the command reaches, by a proxy that its environment names: `registries` the hosts of public packages, `full`
   * every public address, both also what the operator lists, `platform` nothing but `platform` below. Never the machine's own, private and link-local addresses.
   * Processes that such a command leaves behind end with it. Without isolation it has the machine's network.
   */
  network: 'none' | 'platform' | 'registries' | 'full';
  env?: Record<string, string>;
  /** Paths of the platform that a command with network reaches too, at `platformUrl`: all that begin so. Ends with `/`. */
  platform?: string;
}

/** A program with its version and its path inside the sandbox. */
export interface ToolVersion {
  name: string;
  version: string;
  path: string;
}

export interface CommandState {
  state: 'running' | 'exited' | 'lost';
  /** 128 + the signal's number for a command that a signal killed. */
  exit_code?: number;
  duration_ms?: number;
  /** Directory in which the command ended, relative to the workspace; '' is its root. */
  cwd?: string;
  /** The command was ended because its output exceeded log_mb. */
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

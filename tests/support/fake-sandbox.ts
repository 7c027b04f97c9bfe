import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import {
  type CommandOutput,
  type CommandSpec,
  type CommandState,
  SandboxError,
  type SandboxErrorCode,
  type SandboxPort,
  type SandboxSpec,
  type ToolVersion,
} from '#activities/ports/sandbox.ts';

interface Job {
  child: ChildProcess;
  ended: Promise<void>;
  state: CommandState;
  log: string;
}

const EXEC_LIMIT = 8 * 1024 * 1024;
const codes: Record<string, SandboxErrorCode> = {
  ENOENT: 'not_found',
  EISDIR: 'is_directory',
  ENOTDIR: 'not_directory',
  EROFS: 'read_only',
  ENOSPC: 'disk_full',
};

/**
 * A sandbox without isolation: folders in the system's temporary folder, and plain commands. It is for tests of the
 * code that uses the port.
 */
export class FakeSandbox implements SandboxPort {
  readonly provider = 'fake';
  readonly host = undefined;
  readonly isolated = false;
  readonly ports = false;
  readonly origins = [];
  readonly platformUrl = undefined;
  private readonly base = realpathSync(mkdtempSync(join(tmpdir(), 'omoios-fake-')));
  private readonly jobs = new Map<string, Job>();
  private logBytes = Infinity;
  private readonly made = new Map<string, Record<string, string>>();

  async create(spec: SandboxSpec): Promise<void> {
    const root = this.workspacePath(spec.id);
    this.made.set(spec.id, spec.labels);
    this.logBytes = spec.limits.log_mb * 1024 * 1024;
    await fs.mkdir(root, { recursive: true });
    execFileSync('git', ['init', '-q', '-b', spec.branch, root]);
  }

  status(id: string): Promise<'running' | 'absent'> {
    return fs.stat(this.workspacePath(id)).then(
      () => 'running',
      () => 'absent',
    );
  }

  async destroy(id: string): Promise<void> {
    for (const job of this.jobs.values()) endGroup(job.child);
    await Promise.all([...this.jobs.values()].map((job) => job.ended));
    await fs.rm(this.workspacePath(id), { recursive: true, force: true });
    if ((await this.list()).length === 0) await fs.rm(this.base, { recursive: true, force: true });
  }

  async list(): Promise<string[]> {
    return (await fs.readdir(this.base)).filter((name) => name.startsWith('omoios-'));
  }

  async labels(id: string): Promise<Record<string, string> | undefined> {
    return this.made.get(id);
  }

  workspacePath(id: string): string {
    return join(this.base, id);
  }

  async startCommand(id: string, spec: CommandSpec): Promise<void> {
    if (this.jobs.has(spec.job_id)) return;
    const root = this.workspacePath(id);
    const cwd = await fs.stat(join(root, spec.cwd ?? '')).then(
      () => join(root, spec.cwd ?? ''),
      () => root,
    );
    const log = join(this.base, `${spec.job_id}.log`);
    const end = join(this.base, `${spec.job_id}.cwd`);
    const output = openSync(log, 'w');
    const script = `trap 'pwd -P > "${end}"' EXIT; eval "$1"`;
    const child = spawn('bash', ['-c', script, 'bash', spec.command], {
      cwd,
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...process.env, ...spec.env },
    });
    closeSync(output);

    const startedAt = Date.now();
    const state: CommandState = { state: 'running' };
    const watch = setInterval(() => {
      if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) <= this.logBytes) return;
      state.output_exceeded = true;
      endGroup(child);
    }, 20);
    const ended = new Promise<void>((done) => {
      child.on('exit', (code, signal) => {
        clearInterval(watch);
        const left = readable(end);
        Object.assign(state, {
          state: 'exited',
          exit_code: code ?? 128 + (signal === 'SIGKILL' ? 9 : 15),
          duration_ms: Date.now() - startedAt,
          ...(left !== undefined && { cwd: relative(root, left.trim()) }),
        } satisfies CommandState);
        done();
      });
    });
    this.jobs.set(spec.job_id, { child, ended, state, log });
  }

  async waitCommand(
    _id: string,
    jobId: string,
    { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<CommandState> {
    const job = this.jobs.get(jobId);
    if (!job) throw new SandboxError('not_found', `There is no job ${jobId}.`);
    let timer: NodeJS.Timeout | undefined;
    const given = new Promise<void>((done) => {
      timer = setTimeout(done, timeoutMs);
      signal?.addEventListener('abort', () => done(), { once: true });
      if (signal?.aborted) done();
    });
    await Promise.race([job.ended, given]);
    clearTimeout(timer);
    return { ...job.state };
  }

  async readOutput(
    _id: string,
    jobId: string,
    { headBytes, tailBytes }: { headBytes: number; tailBytes: number },
  ): Promise<CommandOutput> {
    const job = this.jobs.get(jobId);
    if (!job) throw new SandboxError('not_found', `There is no log of job ${jobId}.`);
    const all = await this.reading(() => fs.readFile(job.log));
    const whole = all.length <= headBytes + tailBytes;
    const head = whole ? all : all.subarray(0, headBytes);
    const tail = whole ? Buffer.alloc(0) : all.subarray(all.length - tailBytes);
    return {
      head,
      tail,
      total_bytes: all.length,
      total_lines: all.filter((byte) => byte === 10).length,
      path: job.log,
    };
  }

  async killCommand(_id: string, jobId: string): Promise<void> {
    const job = this.jobs.get(jobId);
    if (job?.state.state === 'running') endGroup(job.child);
  }

  exec(
    id: string,
    argv: string[],
    options: { timeoutMs?: number; input?: string | Buffer; cwd?: string } = {},
  ): Promise<{ exitCode: number; stdout: Buffer; stderr: string }> {
    const [program = '', ...rest] = argv;
    return new Promise((done, failed) => {
      const settings = {
        cwd: join(this.workspacePath(id), options.cwd ?? ''),
        encoding: 'buffer' as const,
        maxBuffer: EXEC_LIMIT,
        timeout: options.timeoutMs ?? 0,
      };
      const child = execFile(program, rest, settings, (error, stdout, stderr) => {
        if (error?.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
          return failed(new SandboxError('too_large', 'The output passes 8 MB.'));
        const exitCode = typeof error?.code === 'number' ? error.code : error ? 124 : 0;
        return done({ exitCode, stdout, stderr: stderr.toString() });
      });
      child.stdin?.end(options.input);
    });
  }

  openPort(): Promise<never> {
    return Promise.reject(new Error('A fake sandbox shows no ports.'));
  }

  tools(): Promise<ToolVersion[]> {
    return Promise.resolve([]);
  }

  readFile(id: string, path: string): Promise<Buffer> {
    return this.reading(async () => fs.readFile(await this.inside(id, path)));
  }

  writeFile(id: string, path: string, content: Buffer): Promise<void> {
    return this.reading(async () => {
      const target = await this.inside(id, path);
      await fs.mkdir(dirname(target), { recursive: true });
      await fs.writeFile(target, content);
    });
  }

  async stat(id: string, path: string): Promise<{ kind: 'file' | 'directory' | 'other'; size: number } | undefined> {
    const target = await this.inside(id, path);
    const found = await fs.stat(target).catch(() => undefined);
    return found && { kind: found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other', size: found.size };
  }

  readDirectory(id: string, path: string): Promise<string[]> {
    return this.reading(async () => {
      const entries = await fs.readdir(await this.inside(id, path), { withFileTypes: true });
      return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
    });
  }

  claimSetup(): Promise<boolean> {
    return Promise.resolve(true);
  }

  releaseSetup(): Promise<void> {
    return Promise.resolve();
  }

  restoreSetup(): Promise<boolean> {
    return Promise.resolve(false);
  }

  saveSetup(): Promise<void> {
    return Promise.resolve();
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  isSettled(): Promise<boolean> {
    return Promise.resolve(true);
  }

  refusedChanges(): Promise<{ path: string; filter: string }[]> {
    return Promise.resolve([]);
  }

  treeHash(): Promise<string> {
    return Promise.reject(new Error('The fake keeps no checkpoints.'));
  }

  checkpoint(): Promise<{ sha: string; tree: string }> {
    return Promise.reject(new Error('The fake keeps no checkpoints.'));
  }

  exportWork(): Promise<{ sha: string; tree: string }> {
    return Promise.reject(new Error('The fake brings nothing out.'));
  }

  provide(): Promise<void> {
    return Promise.resolve();
  }

  private async inside(id: string, path: string): Promise<string> {
    const root = this.workspacePath(id);
    const target = resolve(root, path);
    const real = await fs.realpath(target).catch(() => target);
    if (relative(root, real).startsWith('..')) throw new SandboxError('outside', `${path} leads out of the workspace.`);
    return real;
  }

  private async reading<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const code = codes[(error as NodeJS.ErrnoException).code ?? ''];
      throw code ? new SandboxError(code, (error as Error).message) : error;
    }
  }
}

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readable(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

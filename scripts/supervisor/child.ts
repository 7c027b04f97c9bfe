import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environment, rootDir } from '#activities/services/config.ts';
import { runDir } from '#activities/services/embedded.ts';

export interface ChildOptions {
  name: string;
  dataDir: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
  /** Text that only this program has in its command line: it distinguishes a leftover of ours from a reused pid. */
  mark: string;
  /** Polled: whether the program can be used. */
  ready: () => Promise<boolean>;
  readyTimeoutMs: number;
  /** Why it should not be started now (the disk is full), or undefined. */
  diskProblem: () => string | undefined;
  /** Keep a process that an earlier supervisor left running; otherwise it is replaced. */
  adopt: boolean;
  /** Called when it has died by itself, before it is started again. */
  onDeath?: (pid: number) => void;
}

/** Whether the process runs. A zombie still accepts signals, so its state is read too. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** A process of the stack: started or adopted, watched, restarted when it dies, stopped by its pid. */
export class SupervisedChild {
  private pid?: number;
  private process?: ChildProcess;
  private stopping = false;
  private deaths: number[] = [];
  readonly logFile: string;

  constructor(
    private readonly options: ChildOptions,
    private readonly onGiveUp: (reason: string) => void,
  ) {
    mkdirSync(path.join(options.dataDir, 'logs'), { recursive: true });
    mkdirSync(runDir(options.dataDir), { recursive: true, mode: 0o700 });
    this.logFile = path.join(options.dataDir, 'logs', `${options.name}.log`);
  }

  private get pidFile(): string {
    return path.join(runDir(this.options.dataDir), `${this.options.name}.pid`);
  }

  get name(): string {
    return this.options.name;
  }

  get currentPid(): number | undefined {
    return this.pid;
  }

  get isLeftOver(): boolean {
    return this.leftOver() !== undefined;
  }

  /** Ends the process that an earlier supervisor left running, if there is one. */
  async replaceLeftOver(): Promise<void> {
    const old = this.leftOver();
    if (old) await kill(old);
  }

  /** The pid of the last process that was not stopped, whether it still runs or not. */
  get lastPid(): number | undefined {
    return existsSync(this.pidFile) ? Number(readFileSync(this.pidFile, 'utf8')) : undefined;
  }

  /** The pid of the process that a dead supervisor left running, or undefined. */
  private leftOver(): number | undefined {
    const pid = this.lastPid;
    return pid !== undefined &&
      pid > 1 &&
      alive(pid) &&
      (process.platform !== 'linux' || commandLine(pid).includes(this.options.mark))
      ? pid
      : undefined;
  }

  async start(): Promise<'started' | 'adopted'> {
    const old = this.leftOver();
    if (old && this.options.adopt && (await this.becomesReady(5000))) {
      this.pid = old;
      void this.watchAdopted(old);
      return 'adopted';
    }
    if (old) await kill(old);
    await this.launch();
    return 'started';
  }

  private async launch(): Promise<void> {
    const { command, args, env, name } = this.options;
    if (existsSync(this.logFile) && statSync(this.logFile).size > 20_000_000) truncateSync(this.logFile);
    const log = openSync(this.logFile, 'a');
    // Its own process group: Ctrl-C reaches only the supervisor, which stops the children in order.
    const child = spawn(command, args, {
      cwd: rootDir,
      env: { ...environment, ...env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    this.process = child;
    this.pid = child.pid;
    if (child.pid) writeFileSync(this.pidFile, String(child.pid));
    const diesEarly = new Promise<never>((_, reject) => {
      child.once('error', (error) => reject(new Error(`${name} could not be started: ${error.message}`)));
      child.once('exit', (code, signal) => {
        if (this.process === child) this.pid = undefined;
        reject(new Error(`${name} exited during its start (${signal ?? `code ${code}`}).\n${this.endOfLog()}`));
      });
    });
    diesEarly.catch(() => undefined);
    const ready = await Promise.race([this.becomesReady(this.options.readyTimeoutMs), diesEarly]);
    if (!ready)
      throw new Error(`${name} was not ready after ${this.options.readyTimeoutMs / 1000} s.\n${this.endOfLog()}`);
    const died = () => {
      if (child.pid) this.options.onDeath?.(child.pid);
      void this.restartAfterDeath();
    };
    if (child.exitCode !== null || child.signalCode !== null) died();
    else child.once('exit', died);
  }

  private async becomesReady(timeoutMs: number): Promise<boolean> {
    const until = performance.now() + timeoutMs;
    while (performance.now() < until) {
      if (await this.options.ready().catch(() => false)) return true;
      await sleep(100);
    }
    return false;
  }

  private async watchAdopted(pid: number): Promise<void> {
    while (alive(pid)) await sleep(500);
    if (this.pid === pid) await this.restartAfterDeath();
  }

  /** Starts it again, unless it died five times within a minute. On a full disk it waits until there is space. */
  private async restartAfterDeath(): Promise<void> {
    while (!this.stopping) {
      if (await this.waitForRoom()) this.deaths = [];
      const now = performance.now();
      this.deaths = [...this.deaths.filter((at) => now - at < 60_000), now];
      if (this.deaths.length > 5)
        return this.onGiveUp(`${this.options.name} died five times within a minute.\n${this.endOfLog()}`);
      console.error(`! ${this.options.name} exited; restarting it (log: ${this.logFile})`);
      // Two deaths may be two kills; only a process that keeps dying has to wait.
      if (this.deaths.length > 2) await sleep(500 * this.deaths.length);
      if (this.stopping) return;
      try {
        return await this.launch();
      } catch (error) {
        console.error(`! ${(error as Error).message}`);
        if (this.pid) await kill(this.pid);
      }
    }
  }

  /** Waits while the disk is full. @returns whether it had to wait. */
  private async waitForRoom(): Promise<boolean> {
    const problem = this.options.diskProblem();
    if (!problem) return false;
    console.error(
      `! ${this.options.name} exited because the disk is full; it restarts when there is space. ${problem}`,
    );
    while (!this.stopping && this.options.diskProblem()) await sleep(500);
    return true;
  }

  private endOfLog(): string {
    return existsSync(this.logFile)
      ? readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-12).join('\n')
      : '';
  }

  /** Ends the process; the watch on it starts it again. */
  async restart(): Promise<void> {
    if (this.pid) await kill(this.pid);
  }

  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    if (this.pid && alive(this.pid)) await kill(this.pid, graceMs);
    rmSync(this.pidFile, { force: true });
  }
}

/** Sends SIGTERM, then SIGKILL after the grace period. Resolves when the process is gone. */
async function kill(pid: number, graceMs = 5000): Promise<void> {
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(pid, name);
    } catch {
      // It is already gone.
    }
  };
  signal('SIGTERM');
  const until = performance.now() + graceMs;
  while (alive(pid) && performance.now() < until) await sleep(25);
  if (alive(pid)) signal('SIGKILL');
  while (alive(pid)) await sleep(10);
}

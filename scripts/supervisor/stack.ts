import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { Connection } from '@temporalio/client';
import type { Config } from '#activities/services/config.ts';
import { embeddedDatabaseUrl, runDir, signInLinkFile } from '#activities/services/embedded.ts';
import { endProcesses } from '#activities/adapters/sandbox/local/destroy.ts';
import { freeMb, diskProblem } from '#activities/support/disk-guard.ts';
import { publicUrl, temporalAddress } from '#activities/services/addresses.ts';
import { withoutProxy } from '#temporal/connection.ts';
import { devServerArguments } from '#temporal/dev-server.ts';
import { portProblem } from '#scripts/prerequisites.mjs';
import { SupervisedChild, type ChildOptions } from './child.ts';
import { handBackSteps } from './hand-back.ts';
import { acquireLock, type Lock } from './lock.ts';
import { programArguments } from './programs.ts';

export interface Running {
  pid: number;
  url: string;
  /** Address of the application for this machine. */
  local_url: string;
  temporal_ui: string | null;
  /** Whether the demo started it, with its settings, and left it running. */
  demo: boolean;
  started_at: string;
}

const stateFile = (config: Config) => path.join(runDir(config.data_dir), 'stack.json');

/** Thrown when another stack already uses the data folder; `running` describes it, if it has finished starting. */
export class AlreadyRunning extends Error {
  constructor(
    readonly running: Running | undefined,
    dataDir: string,
  ) {
    super(
      running
        ? `OmoiOS is already running: ${running.url} (pid ${running.pid}, data in ${dataDir}, since ${running.started_at}).`
        : `Another OmoiOS is starting with the data folder ${dataDir}.`,
    );
  }
}

/** Runs the embedded database, Temporal and the application as child processes. A leftover is adopted or replaced. */
export class Stack {
  private lock?: Lock;
  private readonly children: SupervisedChild[] = [];
  private stopped?: Promise<void>;

  constructor(
    private readonly config: Config,
    private readonly temporalProgram: string | undefined,
    private readonly onGiveUp: (reason: string) => void,
    /** Runs the sources, which a developer changes, and not what was compiled from them before the start. */
    private readonly fromSource = false,
  ) {}

  private checkFolder(): void {
    const { data_dir: dataDir } = this.config;
    try {
      mkdirSync(runDir(dataDir), { recursive: true, mode: 0o700 });
      accessSync(dataDir, constants.W_OK);
    } catch (error) {
      throw new Error(
        `The data folder ${dataDir} is not writable (${(error as NodeJS.ErrnoException).code}). Make it writable, or set OMOIOS_DATA_DIR.`,
      );
    }
    const free = freeMb(dataDir) ?? 0;
    if (free < this.config.sandbox.disk_reserve_mb)
      throw new Error(
        `The disk of the data folder ${dataDir} has ${free} MB free. OmoiOS needs ${this.config.sandbox.disk_reserve_mb} MB to start. Free some space, or set OMOIOS_DATA_DIR to a folder on another disk.`,
      );
  }

  private child(options: Omit<ChildOptions, 'dataDir' | 'diskProblem'>): SupervisedChild {
    const child = new SupervisedChild(
      {
        ...options,
        dataDir: this.config.data_dir,
        diskProblem: () => diskProblem(this.config.data_dir, this.config.sandbox.disk_reserve_mb),
      },
      this.onGiveUp,
    );
    this.children.push(child);
    return child;
  }

  async start(say: (line: string) => void, demo = false): Promise<Running> {
    this.checkFolder();
    this.lock = await acquireLock('stack', this.config.data_dir);
    if (!this.lock) throw new AlreadyRunning(readRunning(this.config), this.config.data_dir);
    rmSync(stateFile(this.config), { force: true });
    say('database and Temporal');
    await Promise.all([this.startDatabase(), this.startTemporal()]);
    say('application');
    await this.startApplication();
    const running: Running = {
      pid: process.pid,
      url: publicUrl(this.config),
      local_url: `http://127.0.0.1:${this.config.server.port}`,
      temporal_ui: this.config.temporal.address ? null : `http://localhost:${this.config.temporal.ui_port}`,
      demo,
      started_at: new Date().toISOString(),
    };
    writeFileSync(stateFile(this.config), JSON.stringify(running));
    return running;
  }

  private async startDatabase(): Promise<void> {
    if (this.config.database.url) return;
    const url = embeddedDatabaseUrl(this.config.data_dir);
    const child = this.child({
      name: 'database',
      command: process.execPath,
      args: [...programArguments('supervisor/database-process', this.fromSource), this.config.data_dir],
      mark: 'database-process',
      adopt: true,
      readyTimeoutMs: 90_000,
      env: { OMOIOS_DATA_DIR: this.config.data_dir },
      ready: async () => {
        const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
        try {
          await client.connect();
          await client.query('SELECT 1');
          return true;
        } finally {
          await client.end().catch(() => undefined);
        }
      },
    });
    await child.start();
  }

  private async startTemporal(): Promise<void> {
    const { temporal, data_dir: dataDir } = this.config;
    if (temporal.address) return;
    if (!this.temporalProgram) throw new Error('The Temporal server program is missing: run npm run build.');
    const dbFile = path.join(dataDir, 'temporal.db');
    const child = this.child({
      name: 'temporal',
      command: this.temporalProgram,
      args: devServerArguments({
        dbFile,
        port: temporal.port,
        uiPort: temporal.ui_port,
        namespace: temporal.namespace,
      }),
      mark: dbFile,
      adopt: true,
      readyTimeoutMs: 60_000,
      ready: async () => {
        const address = temporalAddress(this.config);
        const channelArgs = withoutProxy(address);
        const connection = await Connection.connect({ address, channelArgs, connectTimeout: 1000 });
        try {
          await connection.workflowService.describeNamespace({ namespace: temporal.namespace });
          return true;
        } finally {
          await connection.close();
        }
      },
    });
    if (!child.isLeftOver) {
      for (const [port, setting] of [
        [temporal.port, 'TEMPORAL_PORT'],
        [temporal.ui_port, 'TEMPORAL_UI_PORT'],
      ] as const) {
        const problem = await portProblem(port, setting);
        if (problem) throw new Error(problem);
      }
    }
    await child.start();
  }

  private async startApplication(): Promise<void> {
    const { port } = this.config.server;
    rmSync(signInLinkFile(this.config.data_dir), { force: true });
    const child = this.child({
      name: 'application',
      command: process.execPath,
      args: [...programArguments('server/main', this.fromSource), '--worker', this.config.data_dir],
      mark: 'server/main.',
      adopt: false,
      readyTimeoutMs: 120_000,
      onDeath: (pid) => void this.handBackSteps(pid, performance.now()),
      ready: async () => {
        const response = await fetch(`http://127.0.0.1:${port}/ready`, { signal: AbortSignal.timeout(4000) });
        return response.ok && ((await response.json()) as { pid: number }).pid === child.currentPid;
      },
    });
    const { lastPid } = child;
    await child.replaceLeftOver();
    if (lastPid !== undefined) void this.handBackSteps(lastPid, performance.now());
    const problem = await portProblem(port, 'PORT');
    if (problem) throw new Error(problem);
    await child.start();
  }

  /** What a dead application was doing is repeated as soon as it is back. Others' Temporal has workflows of others too. */
  private async handBackSteps(pid: number, diedAt: number): Promise<void> {
    if (this.config.temporal.address || this.stopped) return;
    const address = temporalAddress(this.config);
    const options = { address, channelArgs: withoutProxy(address), connectTimeout: 1000 };
    try {
      const connection = await Connection.connect(options);
      await handBackSteps(connection, this.config.temporal.namespace, pid, diedAt).finally(() => connection.close());
    } catch {
      // Temporal is away: it gives the steps up itself when their heartbeats are missed.
    }
  }

  /** Stops the children in reverse order: the application first, because it uses the other two. */
  stop(): Promise<void> {
    this.stopped ??= (async () => {
      for (const child of [...this.children].reverse())
        await child.stop(this.config.server.shutdown_timeout * 1000 + 2000);
      // Sandboxes outlive the application that started them, also one that was killed.
      if (this.lock) await endProcesses(this.config.data_dir);
      rmSync(stateFile(this.config), { force: true });
      this.lock?.release();
    })();
    return this.stopped;
  }

  restartApplication(): Promise<void> {
    return this.children.find((child) => child.name === 'application')?.restart() ?? Promise.resolve();
  }
}

function readRunning(config: Config): Running | undefined {
  const file = stateFile(config);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Running) : undefined;
}

import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { rootDir } from '#activities/services/config.ts';
import { Api } from './api.ts';
import { connectToTemporal } from './temporal.ts';

const listens = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/**
 * Finds ports that are free now. The system gives none of them to a program that listens on port 0 or connects, such as
 * the Temporal of a stack beside this one, between this look and the start of the stack.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(10_240, 32_768);
    if (await listens(port)) ports.add(port);
  }
  return [...ports];
}

export interface StackAddress {
  dataDir: string;
  url: string;
  temporalAddress: string;
  env: Record<string, string> & NodeJS.ProcessEnv;
}

/** The part of the environment that a test gets, without settings that could choose a paid service by accident. */
function cleanEnvironment(): StackAddress['env'] {
  const keep = [
    'PATH',
    'HOME',
    'LANG',
    'TMPDIR',
    'XDG_CACHE_HOME',
    'SSH_AUTH_SOCK',
    'npm_execpath',
    'GOPATH',
    'GOCACHE',
    'GOMODCACHE',
  ];
  const kept = keep.flatMap((name) => (process.env[name] ? [[name, process.env[name] as string]] : []));
  // Node's types want NODE_ENV, which a stack sets by itself.
  return Object.fromEntries(kept) as StackAddress['env'];
}

/** The embedded stack, started like a user starts it, with its own folder and ports. */
export class TestStack {
  private child?: ChildProcess;
  private output = '';
  private command: string[] = ['start'];
  address!: StackAddress;

  /** @param root the checkout whose sources run. */
  constructor(private readonly root = rootDir) {}

  static async start(
    env: Record<string, string> = {},
    options: { dataDir?: string; command?: string[]; root?: string } = {},
  ): Promise<TestStack> {
    const stack = new TestStack(options.root);
    // Doubles of modules are loaded in the place of sources, and these alone run when a developer works on them.
    stack.command = options.command ?? (env.TEST_DOUBLE ? ['dev'] : ['start']);
    const dataDir = options.dataDir ?? mkdtempSync(path.join(tmpdir(), 'omoios-test-'));
    for (let tries = 1; ; tries += 1) {
      const [port, temporal, ui] = await freePorts(3);
      stack.address = {
        dataDir,
        url: `http://127.0.0.1:${port}`,
        temporalAddress: env.TEMPORAL_ADDRESS ?? `127.0.0.1:${temporal}`,
        env: {
          ...cleanEnvironment(),
          OMOIOS_ENV: 'test',
          OMOIOS_SERVER_WEB: 'none',
          // A judgement of each attempt would be a request that most scripts do not know.
          OMOIOS_MEMORY_REFLECT_WITH: 'words',
          // Tests that fail tasks on purpose ask for a diagnosis by their project's setting.
          OMOIOS_DIAGNOSTIC_ENABLED: 'false',
          OMOIOS_DATA_DIR: dataDir,
          PORT: String(port),
          TEMPORAL_PORT: String(temporal),
          TEMPORAL_UI_PORT: String(ui),
          ...env,
        },
      };
      try {
        await stack.launch();
        return stack;
      } catch (error) {
        // Another stack may start between the look at the ports and their use.
        if (tries === 3 || !/Port \d+ is (?:in use|taken)/.test(String(error))) throw error;
      }
    }
  }

  /** Starts the stack, or starts it again with the data of its last run. */
  async launch(command = this.command, timeoutMs = 240_000): Promise<void> {
    const child = spawn(process.execPath, ['scripts/setup.mjs', ...command], {
      cwd: this.root,
      env: this.address.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.child = child;
    this.output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => (this.output += chunk));
    const until = Date.now() + timeoutMs;
    while (!this.output.includes('OmoiOS is ready')) {
      if (child.exitCode !== null)
        throw new Error(
          `The stack ended with ${child.exitCode}:\n${this.output}\n${this.log('application').slice(-3000)}`,
        );
      if (Date.now() > until) {
        await this.stop({ keep: true });
        throw new Error(`The stack was not ready after ${timeoutMs / 1000} s:\n${this.output}`);
      }
      await sleep(50);
    }
  }

  get said(): string {
    return this.output;
  }

  log(name: string): string {
    try {
      return readFileSync(path.join(this.address.dataDir, 'logs', `${name}.log`), 'utf8');
    } catch {
      return '';
    }
  }

  get api(): Api {
    return new Api(this.address.url, readFileSync(path.join(this.address.dataDir, 'owner-key'), 'utf8').trim());
  }

  pidOf(name: 'application' | 'database' | 'temporal'): number {
    return Number(readFileSync(path.join(this.address.dataDir, 'run', `${name}.pid`), 'utf8'));
  }

  get supervisorPid(): number {
    return this.child?.pid as number;
  }

  /** Kills the stack with SIGKILL, like a crash. */
  kill(name: 'application' | 'database' | 'temporal' | 'supervisor' | 'everything'): void {
    const names =
      name === 'everything' ? (['supervisor', 'application', 'database', 'temporal'] as const) : ([name] as const);
    for (const part of names) {
      try {
        process.kill(part === 'supervisor' ? this.supervisorPid : this.pidOf(part), 'SIGKILL');
      } catch {
        // The process has ended already.
      }
    }
  }

  /** Lets the application stand still, as a machine does that swaps or is suspended. */
  async standStill(ms: number): Promise<void> {
    const pid = this.pidOf('application');
    process.kill(pid, 'SIGSTOP');
    await sleep(ms);
    process.kill(pid, 'SIGCONT');
  }

  async ready(timeoutMs = 60_000): Promise<void> {
    const until = Date.now() + timeoutMs;
    for (;;) {
      const ok = await fetch(`${this.address.url}/ready`, { signal: AbortSignal.timeout(4000) }).then(
        (r) => r.ok,
        () => false,
      );
      if (ok) return;
      if (Date.now() > until)
        throw new Error(
          `The stack did not come back within ${timeoutMs / 1000} s:\n${this.output}\n${this.log('application').slice(-2000)}`,
        );
      await sleep(50);
    }
  }

  async temporal(): Promise<{ client: Client; close(): Promise<void> }> {
    return connectToTemporal(this.address.temporalAddress);
  }

  async stop(options: { keep?: boolean } = {}): Promise<void> {
    const child = this.child;
    if (child && child.exitCode === null) {
      child.kill('SIGTERM');
      const until = Date.now() + 30_000;
      while (child.exitCode === null && child.signalCode === null && Date.now() < until) await sleep(25);
    }
    this.kill('everything');
    if (!options.keep) rmSync(this.address.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { environment, rootDir } from '#activities/services/config.ts';
import { programArguments } from '#scripts/supervisor/programs.ts';
import { devServerArguments, obtainTemporal } from '#temporal/dev-server.ts';
import { eventually } from '#tests/support/api.ts';
import { World } from '#tests/chaos/world.ts';
import { freePorts, type TestStack } from '#tests/support/stack.ts';
import { newDatabase, redisUrl, Wire } from './services.ts';

/** A process of a deployment that nobody supervises: what is killed stays dead until somebody starts it. */
export class LoneProcess {
  private child?: ChildProcess;

  constructor(
    private readonly command: string[],
    private readonly env: NodeJS.ProcessEnv,
    private readonly ready: (said: string) => boolean | Promise<boolean>,
  ) {}

  async start(): Promise<this> {
    const [program = '', ...args] = this.command;
    const child = spawn(program, args, { cwd: rootDir, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => (said = (said + chunk).slice(-20_000)));
    await eventually(
      `${this.command.join(' ').slice(0, 200)} is ready`,
      async () => {
        if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}:\n${said}`);
        return this.ready(said);
      },
      60_000,
    );
    return this;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await new Promise((resolve) => child.once('exit', resolve));
  }
}

/** A Temporal server that OmoiOS knows by its address alone. */
async function outsideTemporal(): Promise<{ address: string; server: LoneProcess; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'omoios-temporal-'));
  const [port = 0, uiPort = 0] = await freePorts(2);
  const program = await obtainTemporal({ dataDir: folder, env: environment, say: () => undefined });
  const address = `127.0.0.1:${port}`;
  const answers = async () => {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 500 });
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      await connection.close();
      return true;
    } catch {
      return false;
    }
  };
  const server = new LoneProcess(
    [program, ...devServerArguments({ dbFile: path.join(folder, 'temporal.db'), port, uiPort, namespace: 'default' })],
    environment,
    answers,
  );
  return { address, server, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A worker beside the application, as production runs any number of. */
const workerBeside = (stack: TestStack): LoneProcess =>
  new LoneProcess(
    [process.execPath, ...programArguments('temporal/worker-main', false)],
    { ...environment, ...stack.address.env, OMOIOS_SERVER_LOG_LEVEL: 'info' },
    (said) => said.includes('"msg":"working"'),
  );

/** Signs somebody up with an organization, and leaves a key where tests look for it. */
async function signUp(stack: TestStack): Promise<void> {
  const keyFile = path.join(stack.address.dataDir, 'owner-key');
  writeFileSync(keyFile, 'none');
  const person = { email: 'ada@example.test', password: 'Correct-Horse-7-Battery' };
  await stack.api.as(undefined).post('/auth/register', { ...person, full_name: 'Ada' });
  const { access_token: token } = await stack.api.as(undefined).post<{ access_token: string }>('/auth/login', person);
  const ada = stack.api.as(token);
  await ada.post('/organizations', { name: 'Acme', slug: 'acme', max_concurrent_agents: 100 });
  const { key } = await ada.post<{ key: string }>('/auth/api-keys', {
    name: 'tests',
    scopes: [
      'project:read',
      'project:write',
      'project:safety:write',
      'ticket:read',
      'ticket:write',
      'task:read',
      'task:write',
      'agent:read',
      'document:read',
      'document:write',
      'org:read',
      'org:write',
      // The feed is compared without gaps, so the key reads every kind of event.
      'org:billing:read',
    ],
  });
  writeFileSync(keyFile, key);
}

export interface Deployment {
  world: World;
  /** The worker beside the application, which is one too. */
  beside: LoneProcess;
  temporal: Awaited<ReturnType<typeof outsideTemporal>>;
  toDatabase: Wire;
  toRedis: Wire;
  stop(): Promise<void>;
}

/** Application and a second worker on PostgreSQL, Redis and a Temporal server that are none of their own. */
export async function deploy(env: Record<string, string> = {}): Promise<Deployment> {
  // What ends each thing that was begun, the newest first.
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0)) await end();
  };
  try {
    const database = await newDatabase();
    ends.unshift(() => database.drop());
    const toDatabase = await Wire.to(database.url);
    ends.unshift(() => toDatabase.stop());
    const toRedis = await Wire.to(redisUrl());
    ends.unshift(() => toRedis.stop());
    const temporal = await outsideTemporal();
    ends.unshift(
      () => temporal.server.kill('SIGTERM'),
      () => temporal.remove(),
    );
    await temporal.server.start();
    const world = await World.start(
      {
        DATABASE_URL: toDatabase.url,
        REDIS_URL: toRedis.url,
        TEMPORAL_ADDRESS: temporal.address,
        OMOIOS_REPO_ROOTS: '/',
        ...env,
      },
      database.url,
    );
    ends.unshift(() => world.stop());
    await signUp(world.stack);
    const beside = workerBeside(world.stack);
    ends.unshift(() => beside.kill('SIGTERM'));
    await beside.start();
    return { world, beside, temporal, toDatabase, toRedis, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';
import { eventually } from '#tests/support/api.ts';
import { Hold } from '#tests/support/hold.ts';
import { broken } from './invariants.ts';
import { claimDone, count, countFile, playWork, read, review, write, type Work } from './played-work.ts';
import { mayMount, SmallDisk } from './small-disk.ts';
import { World } from './world.ts';

const mb = 2 ** 20;
const reserveMb = 64;
const parts = ['application', 'database', 'temporal'] as const;

const work: Work = {
  turns: [
    [read('sum', 'src/sum.js')],
    [count('first')],
    [write('double', 'src/double.js', 'export const double = (n) => 2 * n;\n')],
    [count('second')],
  ],
  done: claimDone,
};

function theFolderFills() {
  let disk: SmallDisk;
  let world: World;
  beforeAll(async () => {
    disk = new SmallDisk(700);
    // In a separate namespace the user may mount, but not always isolate commands again.
    const unsafe: Record<string, string> = process.env.OMOIOS_TEST_OWN_MOUNTS ? { SANDBOX_UNSAFE: '1' } : {};
    world = await World.start(
      // The model holds its answer back while others are asked, which may take long on a busy machine.
      { OMOIOS_SANDBOX_DISK_RESERVE_MB: String(reserveMb), OMOIOS_MODEL_IDLE_TIMEOUT: '120', ...unsafe },
      undefined,
      path.join(disk.folder, 'data'),
    );
  });
  afterEach(() => disk.makeRoom());
  afterAll(async () => {
    await world?.stop();
    disk.remove();
  });

  const ready = async () =>
    (await fetch(`${world.stack.address.url}/ready`)).json() as Promise<{
      status: string;
      parts: Record<string, string>;
    }>;
  const words = () =>
    new RegExp(
      `The data folder ${world.stack.address.dataDir} has \\d+ MB left; OmoiOS keeps ${reserveMb} MB free\\. Free some space there: the work waits and continues by itself`,
    );
  const doctor = () => {
    const { env } = world.stack.address;
    const said = spawnSync(process.execPath, ['scripts/cli/omoios.js', 'doctor', '--json'], {
      cwd: rootDir,
      env: env as NodeJS.ProcessEnv,
      encoding: 'utf8',
    });
    return { code: said.status, rows: JSON.parse(said.stdout) as { part: string; state: string; note: string }[] };
  };
  const dataFolder = (rows: { part: string; state: string; note: string }[]) =>
    rows.find((row) => row.part === 'data folder');

  /** A ticket whose model holds its second turn back. */
  async function heldTicket() {
    const hold = new Hold();
    const place = await world.place(async (request) => {
      if (request.context.kind === 'task' && request.step === 1) await hold.here();
      return playWork(request, request.context.kind === 'validation' ? review : work);
    });
    const ticket = await world.ticket(place);
    await hold.reached;
    return { ...ticket, hold, run_id: await world.runOf(ticket) };
  }

  async function completes(ticket: Awaited<ReturnType<typeof heldTicket>>) {
    const pull = await world.pullRequest(ticket);
    const lines = ticket.repository.show(pull.branch, countFile).split('\n');
    const effects = ['first', 'second'].map((label) => ({
      what: label,
      expected: 1,
      found: lines.filter((line) => line === label).length,
    }));
    const evidence = await world.evidence([ticket.id], { effects });
    expect(broken(evidence)).toEqual([]);
    expect(evidence.rows.pull_requests).toHaveLength(1);
    // No finished turn was asked for again.
    expect(evidence.asked.length - evidence.rows.turns.length).toBeLessThanOrEqual(1);
  }

  test('below the reserve nothing new starts, and every caller learns the folder and the remedy; with space again the run continues', async () => {
    const { api } = world.stack;
    const ticket = await heldTicket();
    expect((await ready()).parts.disk).toBe('ok');
    disk.fill((reserveMb * mb) / 2);
    expect(await ready()).toMatchObject({
      status: 'not ready',
      parts: { disk: expect.stringMatching(words()) as unknown, database: 'ok', temporal: 'ok' },
    });
    const found = doctor();
    expect(found.code).not.toBe(0);
    expect(dataFolder(found.rows)).toMatchObject({ state: 'down', note: expect.stringMatching(words()) as unknown });
    const refused = await api.request('POST', '/tickets', {
      project_id: ticket.id,
      title: 'No room for this',
      description: 'Not now',
      workflow_mode: 'quick',
    });
    expect(refused).toMatchObject({
      status: 503,
      body: { error: 'unavailable', message: expect.stringMatching(words()) as unknown },
    });
    expect((await api.request('GET', `/runs/${ticket.run_id}`)).status).toBe(200);

    // The turn under way ends and is kept; the next one waits where a person sees it.
    ticket.hold.release();
    const waiting = await api.until<{ turn: number; waiting_for: string | null; waiting_reason: string | null }>(
      `/runs/${ticket.run_id}`,
      (run) => run.waiting_for === 'model',
      60_000,
    );
    expect(waiting).toMatchObject({ turn: 2, waiting_reason: expect.stringMatching(words()) as unknown });
    await eventually('the log says so', () => words().test(world.stack.log('application')));
    expect(world.asked.filter((request) => request.run_id === ticket.run_id)).toHaveLength(2);

    disk.makeRoom();
    await world.stack.ready();
    expect(dataFolder(doctor().rows)).toMatchObject({ state: 'ok' });
    await completes(ticket);
  }, 240_000);

  test('not a byte left: what breaks or is killed comes back by itself once there is room, and nothing is lost', async () => {
    const ticket = await heldTicket();
    const { stack } = world;
    const { api } = stack;
    const refused: { error: string }[] = [];
    const stranger = setInterval(() => disk.fill(0), 50);
    try {
      disk.fill(0);
      ticket.hold.release();
      // A person's message is refused once the records have no space; an accepted one is delivered.
      const word = () =>
        api.request('POST', `/runs/${ticket.run_id}/messages`, {
          kind: 'user_message',
          content: randomBytes(2000).toString('hex'),
        });
      await eventually(
        'writing fails',
        async () => {
          const { status, body } = await word();
          if (status !== 202) refused.push(body as { error: string });
          return status !== 202;
        },
        60_000,
      );
      expect(refused).toEqual([expect.objectContaining({ error: 'unavailable' })]);
      for (const part of parts) stack.kill(part);
      for (const part of parts)
        await eventually(
          `${part} waits for room`,
          () =>
            stack.said.includes(
              `${part} exited because the disk is full; it restarts when there is space. The data folder ${stack.address.dataDir} has 0 MB left`,
            ),
          60_000,
        );
    } finally {
      clearInterval(stranger);
    }
    disk.makeRoom();
    await stack.ready(120_000);
    await completes(ticket);
  }, 300_000);
}

if (mayMount()) {
  describe('a data folder that fills up', theFolderFills);
} else {
  test('a data folder that fills up, in a mount namespace of its own', () => {
    const jest = [
      '--experimental-vm-modules',
      'node_modules/jest/bin/jest.js',
      '--config',
      'jest.validate.config.mjs',
      'tests/chaos/full-disk.test.ts',
    ];
    // Inside, mounting has to work: there is no second way out.
    expect(process.env.OMOIOS_TEST_OWN_MOUNTS).toBeUndefined();
    const ran = spawnSync('unshare', ['--user', '--map-root-user', '--mount', process.execPath, ...jest], {
      cwd: rootDir,
      env: { ...process.env, OMOIOS_TEST_OWN_MOUNTS: '1' },
      encoding: 'utf8',
    });
    expect(`${ran.error ?? ''}${ran.stderr}`).toMatch(/2 passed, 2 total/);
  }, 600_000);
}

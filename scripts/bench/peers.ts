import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { environment, rootDir } from '#activities/services/config.ts';
import { eventually } from '#tests/support/api.ts';
import { PlayedModel } from '#tests/support/played-model.ts';
import { TurnCpu } from './cpu.ts';
import { Crowd, type Level } from './crowd.ts';
import { round } from './numbers.ts';
import { plainModel } from './plain-model.ts';
import type { TurnCost } from './turns.ts';
import { callsOf, filesOf, noteFiles, type Work } from './work.ts';

const folder = path.join(rootDir, 'scripts/bench/peers');
const run = promisify(execFile);

/** Installs the peers' packages, which are not part of the product's. Their scripts, of which one calls home, do not run. */
export async function installPeers(): Promise<void> {
  const wanted = readFileSync(path.join(folder, 'package-lock.json'), 'utf8');
  const marker = path.join(folder, 'node_modules/.installed');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  writeFileSync(marker, wanted);
}

/** The folder of a peer's agents, with their files. */
function newHome(files: Record<string, string>): string {
  const home = mkdtempSync(path.join(tmpdir(), 'omoios-bench-'));
  mkdirSync(path.join(home, 'notes'));
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(home, name), content);
  return home;
}

/** The same crowd of LangGraph's agents, all in one process. */
export async function langGraphCrowd(databaseUrl: string, most: number): Promise<Level> {
  const home = newHome(noteFiles(50));
  const crowd = new Crowd(home);
  const model = await new PlayedModel(() => ({ hang: true })).start();
  model.instead = plainModel((agent) => crowd.nextCall(agent));
  const child = spawn(
    process.execPath,
    [path.join(folder, 'langgraph.mjs'), model.url, home, '10000', databaseUrl, 'sync'],
    {
      cwd: folder,
      stdio: 'inherit',
      env: { ...environment, OMOIOS_BENCH_PEER: home, OMOIOS_BENCH_AGENTS: String(most) },
    },
  );
  try {
    await eventually('all agents have asked', () => crowd.size === most, 120_000);
    return await crowd.find(async () => undefined, most);
  } finally {
    child.kill('SIGKILL');
    await model.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

export type Peer = 'bare' | 'langgraph' | 'dbos' | 'restate';

/** Runs a peer in its own process, with the same model, files and work as ours. @param options for the peer's program. */
export async function peerTurns(
  peer: Peer,
  turns: number,
  work: Work,
  databaseUrl?: string,
  ...options: string[]
): Promise<TurnCost> {
  const home = newHome(filesOf(work, turns));
  const git = (...args: string[]) => run('git', args, { cwd: home });
  await git('init', '-q');
  await git('config', 'user.name', 'Bench');
  await git('config', 'user.email', 'bench@example.test');
  await git('add', '-A');
  await git('commit', '-q', '-m', 'files');
  const cpu = new TurnCpu(home);
  const model = await new PlayedModel(({ step }) => {
    cpu.at(step, turns);
    return step < turns ? { tools: callsOf(work, step) } : { text: 'Done.' };
  }).start();
  try {
    const { stdout } = await run(
      process.execPath,
      [
        path.join(folder, `${peer}.mjs`),
        model.url,
        home,
        String(turns),
        ...(databaseUrl ? [databaseUrl] : []),
        ...options,
      ],
      {
        cwd: folder,
        maxBuffer: 2 ** 24,
        env: { ...environment, OMOIOS_BENCH_PEER: home },
        timeout: 60_000 + turns * 2000,
      },
    );
    const cost = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as TurnCost;
    return {
      ...cost,
      ms_per_turn: round(cost.ms_per_turn),
      ms_per_turn_late: round(cost.ms_per_turn_late),
      cpu_ms_per_turn: cpu.perTurn(turns),
      stored_bytes_per_turn: cost.stored_bytes_per_turn === null ? null : Math.round(cost.stored_bytes_per_turn),
    };
  } finally {
    await model.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

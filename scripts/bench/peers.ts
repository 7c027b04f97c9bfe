import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { rootDir } from '#activities/services/config.ts';
import { PlayedModel } from '#tests/support/played-model.ts';
import { call } from '#tests/support/scripts.ts';
import { round } from './numbers.ts';
import { noteFiles, type TurnCost } from './turns.ts';

const folder = path.join(rootDir, 'scripts/bench/peers');
const run = promisify(execFile);

/** Installs the peers' packages, which are not part of the product's. */
export async function installPeers(): Promise<void> {
  if (!existsSync(path.join(folder, 'node_modules')))
    await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
}

/** Runs a peer in its own process, with the same model and files as ours. */
export async function peerTurns(peer: 'bare' | 'langgraph', turns: number, databaseUrl?: string): Promise<TurnCost> {
  const work = mkdtempSync(path.join(tmpdir(), 'omoios-bench-'));
  const files = noteFiles(turns);
  mkdirSync(path.join(work, 'notes'));
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(work, name), content);
  const model = await new PlayedModel(({ step }) =>
    step < turns ? { tools: [call('read_file', { path: `notes/${step}.txt` })] } : { text: 'Done.' },
  ).start();
  try {
    const { stdout } = await run(
      process.execPath,
      [path.join(folder, `${peer}.mjs`), model.url, work, String(turns), ...(databaseUrl ? [databaseUrl] : [])],
      { cwd: folder, maxBuffer: 2 ** 24 },
    );
    const cost = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as TurnCost;
    return {
      ...cost,
      ms_per_turn: round(cost.ms_per_turn),
      ms_per_turn_late: round(cost.ms_per_turn_late),
      stored_bytes_per_turn: Math.round(cost.stored_bytes_per_turn ?? 0),
    };
  } finally {
    await model.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

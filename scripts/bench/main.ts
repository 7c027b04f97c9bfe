/**
 * `npm run bench [-- --only five|turns|crowd|tokens] [--quick]`: measures OmoiOS and its alternatives in one run on one
 * machine, so that the numbers can be compared. Prints a table and writes .cache/bench.json.
 * `npm run bench -- --only map REPOSITORY...`: how many files of past commits the map of a repository contains.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import pg from 'pg';
import { environment, rootDir } from '#activities/services/config.ts';
import { crowd } from './crowd.ts';
import { budgetOverrun, dispatchLatency, doubledEffects, steeringAndRecovery } from './five.ts';
import { mapRecall } from './map.ts';
import { table } from './numbers.ts';
import { featureTokens, timeToFirstEdit } from './tokens.ts';
import { installPeers, peerTurns } from './peers.ts';
import { ourTurns, type TurnCost } from './turns.ts';

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : undefined;

// Without DATABASE_URL the script runs itself again inside a shell that starts a PostgreSQL.
if (!environment.DATABASE_URL && (!only || only === 'turns')) {
  const again = `. .ci/real-services.sh && real_services_start && { "$@"; code=$?; real_services_stop; exit $code; }`;
  process.exit(
    spawnSync('bash', ['-c', again, 'bench', process.execPath, '--import', 'tsx', 'scripts/bench/main.ts', ...args], {
      cwd: rootDir,
      stdio: 'inherit',
    }).status ?? 1,
  );
}
const serverUrl = environment.DATABASE_URL;
delete environment.DATABASE_URL;
delete environment.REDIS_URL;

async function newDatabase(name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(serverUrl ?? '');
  url.pathname = `/${name}`;
  return url.href;
}

// The benchmark injects failures on purpose; their warnings are not worth printing.
Runtime.install({ logger: new DefaultLogger('ERROR') });

const results: Record<string, unknown> = { cpus: cpus().length, node: process.version };
const say = (line: string) => console.log(line);

if (!only || only === 'five') {
  const dispatch = [];
  for (const waiting of quick ? [10] : [10, 100, 1000]) {
    dispatch.push(await dispatchLatency(waiting));
    say(`dispatch, ${waiting} waiting: p50 ${dispatch.at(-1)?.p50_ms} ms, p99 ${dispatch.at(-1)?.p99_ms} ms`);
  }
  const steering = await steeringAndRecovery();
  say(
    `steering: accepted p99 ${steering.accepted.p99_ms} ms, delivered p99 ${steering.delivered.p99_ms} ms; recovery after kill -9: ${steering.recovery_ms.join(', ')} ms`,
  );
  const overrun = await budgetOverrun();
  say(
    `spent beyond a hard budget by ${overrun.writers} writers in ${overrun.calls} calls: ${overrun.overrun_micros} micro-dollars`,
  );
  const doubled = await doubledEffects();
  say(`duplicate effects after ${doubled.injected_failures} injected failures: ${doubled.doubled}`);
  Object.assign(results, { dispatch, steering, overrun, doubled });
}

if (!only || only === 'turns') {
  await installPeers();
  const rows: { name: string; cost: TurnCost }[] = [];
  for (const turns of quick ? [50] : [50, 200]) {
    rows.push({ name: 'bare SDK loop', cost: await peerTurns('bare', turns) });
    rows.push({
      name: 'LangGraph + PostgreSQL',
      cost: await peerTurns('langgraph', turns, await newDatabase(`bench_langgraph_${turns}`)),
    });
    rows.push({ name: 'OmoiOS embedded', cost: await ourTurns(turns) });
    rows.push({ name: 'OmoiOS on PostgreSQL', cost: await ourTurns(turns, await newDatabase(`bench_ours_${turns}`)) });
    say(`${turns} turns measured`);
  }
  if (!quick) rows.push({ name: 'OmoiOS embedded', cost: await ourTurns(500) });
  Object.assign(results, { turns: rows });
  say(
    table([
      [
        '',
        'turns',
        'ms/turn',
        'last 50',
        'stored B/turn',
        'history B/turn',
        'identical prefix',
        'kept prefix',
        'compactions',
      ],
      ...rows.map(({ name, cost }) =>
        [
          name,
          cost.turns,
          cost.ms_per_turn,
          cost.ms_per_turn_late,
          cost.stored_bytes_per_turn ?? '-',
          cost.history_bytes_per_turn ?? '-',
          cost.identical_prefix ?? '-',
          cost.kept_prefix ?? '-',
          cost.compactions ?? '-',
        ].map(String),
      ),
    ]),
  );
}

if (!only || only === 'tokens') {
  const feature = await featureTokens();
  Object.assign(results, { tokens: feature });
  say(table(feature.rows));
  say(`A small feature takes ${feature.percent} % of the tokens that it took at ${feature.before.commit}.`);
  const edit = await timeToFirstEdit(50_000);
  Object.assign(results, { first_edit: edit });
  say(`First edit in a repository of ${edit.files} files: ${edit.first_edit_s} s after its ticket.`);
}

if (only === 'map')
  for (const folder of args.slice(args.indexOf('map') + 1)) {
    const recall = await mapRecall(folder);
    const share = (part: number) => `${Math.round((100 * part) / recall.changed)} %`;
    say(
      `${folder}: of ${recall.changed} changed files ${share(recall.in_map)} are in the map, ${share(recall.in_list)} in an alphabetical list; ${recall.files} files, ${recall.ms} ms`,
    );
    Object.assign(results, { map: [...((results.map as unknown[] | undefined) ?? []), recall] });
  }

if (!only || only === 'crowd') {
  const measured = await crowd(quick ? 20 : 200, 5);
  Object.assign(results, { crowd: measured });
  say(
    `${measured.agents} agents at once, ${measured.turns} turns, model answers in 2 s: ${measured.seconds} s; overhead of a turn p50 ${measured.overhead_p50_ms} ms, p99 ${measured.overhead_p99_ms} ms`,
  );
}

const file = path.join(rootDir, '.cache/bench.json');
mkdirSync(path.dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
say(`Written to ${path.relative(rootDir, file)}.`);
process.exit(0);

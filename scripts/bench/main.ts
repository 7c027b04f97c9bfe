/**
 * `npm run bench [-- --only dispatch|five|turns|crowd|tokens] [--quick]`: measures OmoiOS and its alternatives in one run on one
 * machine, so that the numbers can be compared. Prints a table and writes each row to .cache/bench.json as soon as it is
 * measured; a row that fails says so, and the others go on. `--against FILE` prints the ratios to an earlier such file.
 * `npm run bench -- --only map REPOSITORY...`: how many files of past commits the map of a repository contains.
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import path from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import pg from 'pg';
import { environment, rootDir } from '#activities/services/config.ts';
import { crowd } from './crowd.ts';
import { dispatchLatency } from './dispatch.ts';
import { budgetOverrun, doubledEffects, steeringAndRecovery } from './five.ts';
import { mapRecall } from './map.ts';
import { table } from './numbers.ts';
import { demoFeatureTokens, smallFeatureTokens, timeToFirstEdit } from './tokens.ts';
import { installPeers, peerTurns } from './peers.ts';
import { Report } from './report.ts';
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

const say = (line: string) => console.log(line);
const against = args.includes('--against') ? args[args.indexOf('--against') + 1] : undefined;
const facts = { cpus: cpus().length, node: process.version };
const report = new Report(path.join(rootDir, '.cache/bench.json'), say, facts, against);
const measures = (part: string) => !only || only === part;

if (measures('dispatch'))
  for (const waiting of quick ? [10] : [10, 100, 1000])
    await report.row(
      `dispatch, ${waiting} waiting`,
      () => dispatchLatency(waiting),
      ({ p50_ms, p99_ms, join_p99_ms, timeline }) =>
        `dispatch, ${waiting} waiting: p50 ${p50_ms} ms, p99 ${p99_ms} ms, of which its join ${join_p99_ms} ms\n${table([['milliseconds after the end (median)', 'from', 'to', 'takes'], ...timeline])}`,
    );

if (measures('five')) {
  await report.row(
    'steering',
    steeringAndRecovery,
    ({ accepted, delivered, recovery_ms }) =>
      `steering: accepted p99 ${accepted.p99_ms} ms, delivered p99 ${delivered.p99_ms} ms; recovery after kill -9: ${recovery_ms.join(', ')} ms`,
  );
  await report.row(
    'overrun',
    budgetOverrun,
    ({ writers, calls, overrun_micros }) =>
      `spent beyond a hard budget by ${writers} writers in ${calls} calls: ${overrun_micros} micro-dollars`,
  );
  await report.row(
    'doubled',
    doubledEffects,
    ({ injected_failures, doubled }) => `duplicate effects after ${injected_failures} injected failures: ${doubled}`,
  );
}

if (measures('turns')) {
  await installPeers();
  const database = (who: string, turns: number) => newDatabase(`bench_${who}_${turns}`);
  const rows: { name: string; cost: TurnCost }[] = [];
  const row = async (name: string, turns: number, measure: () => Promise<TurnCost>) => {
    const cost = await report.row(`${name}, ${turns} turns`, measure);
    if (cost) rows.push({ name, cost });
  };
  for (const turns of quick ? [50] : [50, 200]) {
    await row('bare SDK loop', turns, () => peerTurns('bare', turns));
    await row('LangGraph + PostgreSQL', turns, async () =>
      peerTurns('langgraph', turns, await database('langgraph', turns)),
    );
    await row('OmoiOS embedded', turns, () => ourTurns(turns));
    await row('OmoiOS on PostgreSQL', turns, async () => ourTurns(turns, await database('ours', turns)));
    say(`${turns} turns measured`);
  }
  if (!quick) await row('OmoiOS embedded', 500, () => ourTurns(500));
  say(turnTable(rows));
}

if (measures('tokens')) {
  for (const [name, measure] of [
    ['tokens', smallFeatureTokens],
    ['demo_tokens', demoFeatureTokens],
  ] as const)
    await report.row(
      name,
      measure,
      ({ rows, percent, commit }) =>
        `${table(rows)}\nOf the tokens at ${commit}: ${percent.full} % with a full plan, ${percent.compact} % with a compact one.`,
    );
  await report.row(
    'first_edit',
    () => timeToFirstEdit(50_000),
    (edit) => `First edit in a repository of ${edit.files} files: ${edit.first_edit_s} s after its ticket.`,
  );
}

if (only === 'map')
  for (const folder of args.slice(args.indexOf('map') + 1))
    await report.row(
      `map of ${folder}`,
      () => mapRecall(folder),
      (recall) => {
        const share = (part: number) => `${Math.round((100 * part) / recall.changed)} %`;
        return `${folder}: of ${recall.changed} changed files ${share(recall.in_map)} are in the map, ${share(recall.in_list)} in an alphabetical list; ${recall.files} files, ${recall.ms} ms`;
      },
    );

if (measures('crowd'))
  await report.row(
    'crowd',
    () => crowd(quick ? 20 : 200, 5),
    (measured) =>
      `${measured.agents} agents at once, ${measured.turns} turns, model answers in 2 s: ${measured.seconds} s; overhead of a turn p50 ${measured.overhead_p50_ms} ms, p99 ${measured.overhead_p99_ms} ms`,
  );

process.exit(report.end());

function turnTable(rows: { name: string; cost: TurnCost }[]): string {
  const columns: [string, (cost: TurnCost) => number | null | undefined][] = [
    ['turns', (cost) => cost.turns],
    ['ms/turn', (cost) => cost.ms_per_turn],
    ['last 50', (cost) => cost.ms_per_turn_late],
    ['stored B/turn', (cost) => cost.stored_bytes_per_turn],
    ['history B/turn', (cost) => cost.history_bytes_per_turn],
    ['identical prefix', (cost) => cost.identical_prefix],
    ['kept prefix', (cost) => cost.kept_prefix],
    ['compactions', (cost) => cost.compactions],
  ];
  return table([
    ['', ...columns.map(([title]) => title)],
    ...rows.map(({ name, cost }) => [name, ...columns.map(([, of]) => String(of(cost) ?? '-'))]),
  ]);
}

/**
 * `npm run bench [-- --only dispatch|five|doors|waits|planning|turns|crowd|tokens] [--quick]`: measures OmoiOS and its alternatives in one run on one
 * machine, so that the numbers can be compared. Prints a table and writes each row to .cache/bench.json as soon as it is
 * measured; a row that fails says so, and the others go on. `--against FILE` prints the ratios to an earlier such file.
 * `npm run bench -- --only map REPOSITORY...`: how many files of past commits the map of a repository contains.
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import path from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import pg from 'pg';
import { environment, loadConfig, rootDir } from '#activities/services/config.ts';
import { crowdLines, crowdSettings, ourCrowd } from './crowd.ts';
import { eventToListener, listsAndPages } from './crowded.ts';
import { dispatchLatency } from './dispatch.ts';
import { StripeStub } from '#tests/support/stripe.ts';
import { doors } from './doors.ts';
import { budgetOverrun, doubledEffects, interruptToCut, steeringAndRecovery, warmStart } from './five.ts';
import { mapRecall } from './map.ts';
import { table } from './numbers.ts';
import { demoSeconds } from './demo-feature.ts';
import { demoFeatureTokens, smallFeatureTokens, timeToFirstEdit } from './tokens.ts';
import { pageWeights } from './page-weights.ts';
import { boardInBrowser, phaseOverhead, syncOfLargePlan } from './planning.ts';
import { installPeers, langGraphCrowd, peerTurns, type Peer } from './peers.ts';
import { Report } from './report.ts';
import { similarTickets } from './similar.ts';
import type { Stage } from './stage.ts';
import { Stages } from './stages.ts';
import { turnTable, type TurnRow } from './turn-table.ts';
import { ourTurns, type TurnCost } from './turns.ts';
import type { Work } from './work.ts';

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : undefined;

// Without DATABASE_URL the script runs itself again inside a shell that starts a PostgreSQL.
if (!environment.DATABASE_URL && (!only || ['turns', 'waits', 'planning', 'crowd', 'doors'].includes(only))) {
  const again = `. .ci/real-services.sh && real_services_start && { DATABASE_URL=$TEST_DATABASE_URL "$@"; code=$?; real_services_stop; exit $code; }`;
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
const quickAgents = 20;
// In a quick run all rows share one stage, on PostgreSQL where there is one.
const stages = new Stages(
  quick
    ? {
        ...(serverUrl ? { DATABASE_URL: await newDatabase('bench_quick') } : {}),
        OMOIOS_QUEUE_ACTIVE_PER_PROJECT: String(quickAgents),
        OMOIOS_SERVER_WEB: 'build',
      }
    : undefined,
);
// How long an activity carries on before the workflow hears of it, where there is such a setting.
const stretches = !quick && 'stretch_seconds' in loadConfig({}, {}).run ? [0, 10, 60] : [];
const measures = (part: string) => !only || only === part;

if (measures('dispatch'))
  for (const waiting of quick ? [10] : [10, 100, 1000])
    await report.row(
      `dispatch, ${waiting} waiting`,
      () => stages.on({}, (stage) => dispatchLatency(stage, waiting)),
      ({ p50_ms, p99_ms, join_p99_ms, timeline }) =>
        `dispatch, ${waiting} waiting: p50 ${p50_ms} ms, p99 ${p99_ms} ms, of which its join ${join_p99_ms} ms\n${table([['milliseconds after the end (median)', 'from', 'to', 'takes'], ...timeline])}`,
    );

if (measures('five')) {
  await report.row(
    'warm start',
    () => stages.on({}, warmStart),
    ({ seconds }) => `started again with its data: ready after ${seconds} s`,
  );
  await report.row(
    'interrupt',
    () => stages.on({}, interruptToCut),
    ({ p50_ms, p99_ms }) => `interrupt to the cut of a model call: p50 ${p50_ms} ms, p99 ${p99_ms} ms`,
  );
  await report.row(
    'steering',
    () => stages.on({}, steeringAndRecovery),
    ({ accepted, delivered, recovery_ms }) =>
      `steering: accepted p99 ${accepted.p99_ms} ms, delivered p99 ${delivered.p99_ms} ms; recovery after kill -9: ${recovery_ms.join(', ')} ms`,
  );
  await report.row(
    'overrun',
    () => stages.on({}, budgetOverrun),
    ({ writers, calls, overrun_micros }) =>
      `spent beyond a hard budget by ${writers} writers in ${calls} calls: ${overrun_micros} micro-dollars`,
  );
  await report.row(
    'doubled',
    () => stages.on({}, doubledEffects),
    ({ injected_failures, doubled }) => `duplicate effects after ${injected_failures} injected failures: ${doubled}`,
  );
}

if (measures('doors'))
  await report.row(
    'doors',
    async () => {
      const stripe = await new StripeStub().start();
      const env = { ...stripe.env, OMOIOS_BILLING_ENFORCE: 'false', DATABASE_URL: await newDatabase('bench_doors') };
      try {
        // A stage of its own, since the others take no payments.
        return await new Stages().on(env, (stage) => doors(stage, stripe));
      } finally {
        stripe.stop();
      }
    },
    ({ sign_ins_per_s, passwords_per_s, checked_per_s, open_per_s, stripe_events_per_s, launches }) =>
      `sign-ins: ${sign_ins_per_s} a second (passwords alone ${passwords_per_s}); requests with a permission: ${checked_per_s} a second (open ones ${open_per_s}); events of Stripe: ${stripe_events_per_s} a second; 50 launches at once: p50 ${launches.p50_ms} ms, p99 ${launches.p99_ms} ms`,
  );

if (measures('waits')) {
  const crowded = quick ? { rows: 5000, cards: 1000, turns: 200 } : { rows: 100_000, cards: 10_000, turns: 1000 };
  const onPages = async <T>(measure: (stage: Stage) => Promise<T>) =>
    stages.on({ DATABASE_URL: await newDatabase('bench_waits'), OMOIOS_SERVER_WEB: 'build' }, measure);
  await report.row(
    'lists and pages',
    () => onPages((stage) => listsAndPages(stage, crowded)),
    ({ p95_ms }) =>
      `beside ${crowded.rows} rows, ${crowded.cards} cards and a run of ${crowded.turns} turns, p95 in ms:\n${table(Object.entries(p95_ms).map(([name, ms]) => [name, String(ms)]))}`,
  );
  await report.row(
    'live event',
    () => onPages(eventToListener),
    ({ p50_ms, p95_ms }) => `event to a listener: p50 ${p50_ms} ms, p95 ${p95_ms} ms`,
  );
  if (!quick) {
    await report.row(
      'similar tickets',
      () => onPages((stage) => similarTickets(stage, 50_000)),
      ({ tickets, p50_ms, p95_ms, recall }) =>
        `search among ${tickets} tickets: p50 ${p50_ms} ms, p95 ${p95_ms} ms, recall ${recall}`,
    );
    await report.row('demo', demoSeconds, ({ seconds }) => `the demo, launch to pull request, pace 0: ${seconds} s`);
  }
  await report.row(
    'page weights',
    pageWeights,
    (weights) =>
      `JavaScript of each page, packed:\n${table(Object.entries(weights).map(([page, kb]) => [page, `${kb} kB`]))}`,
  );
}

if (measures('planning')) {
  await report.row(
    'overhead of phases',
    () => stages.on({}, phaseOverhead),
    ({ phases, between_ms }) =>
      `each phase beyond its model's time, in ms (${between_ms} ms from one to the next):\n${table(Object.entries(phases).map(([name, ms]) => [name, String(ms)]))}`,
  );
  await report.row(
    'sync of 120 tasks',
    () => stages.on({}, syncOfLargePlan),
    ({ import_ms, sync_ms, again_ms }) =>
      `a plan of 60 requirements and 120 tasks: imported in ${import_ms} ms, on the board in ${sync_ms} ms, a second sync ${again_ms} ms`,
  );
  const cards = quick ? 1000 : 10_000;
  const near = quick ? 1000 : 10_000;
  const databases: [string, Record<string, string>][] = [
    ['PGlite', {}],
    ...(serverUrl
      ? [['PostgreSQL', { DATABASE_URL: await newDatabase('bench_dedup') }] as [string, Record<string, string>]]
      : []),
  ];
  for (const [name, env] of databases)
    await report.row(
      `duplicates on ${name}`,
      () => stages.on(env, (stage) => similarTickets(stage, near)),
      ({ tickets, p50_ms, p95_ms, recall }) =>
        `search for duplicates among ${tickets} tickets on ${name}: p50 ${p50_ms} ms, p95 ${p95_ms} ms, recall ${recall}`,
    );
  await report.row(
    'board in a browser',
    async () =>
      stages.on(
        { ...(serverUrl ? { DATABASE_URL: await newDatabase('bench_board') } : {}), OMOIOS_SERVER_WEB: 'build' },
        (stage) => boardInBrowser(stage, cards),
      ),
    (board) =>
      `a board of ${board.cards} tickets in Chromium: first byte ${board.first_byte_ms} ms, first card ${board.first_card_ms} ms, interaction to next paint p50 ${board.next_paint_p50_ms} ms, p95 ${board.next_paint_p95_ms} ms, a frame while scrolling p95 ${board.scroll_frame_p95_ms} ms`,
  );
}

if (measures('turns')) {
  await installPeers();
  const rows: TurnRow[] = [];
  const row = async (name: string, turns: number, work: Work, measure: () => Promise<TurnCost>) => {
    const title = work === 'edit' ? `${name}, edit and command` : name;
    const cost = await report.row(`${title}, ${turns} turns`, measure);
    if (cost) rows.push({ name: title, cost });
  };
  let databases = 0;
  const database = () => newDatabase(`bench_${(databases += 1)}`);
  const measureAll = async (turns: number, work: Work) => {
    const peer = async (name: string, program: Peer, stored: boolean, ...options: string[]) =>
      row(name, turns, work, async () =>
        peerTurns(program, turns, work, stored ? await database() : undefined, ...options),
      );
    const ours = (name: string, env: Record<string, string>) =>
      row(name, turns, work, () => stages.on(env, (stage) => ourTurns(stage, turns, work)));
    await peer('bare SDK loop, keeps nothing', 'bare', false);
    await peer('LangGraph sync', 'langgraph', true, 'sync');
    await peer('LangGraph async, keeps a step after the next began', 'langgraph', true, 'async');
    await peer('DBOS Transact', 'dbos', true);
    await peer('Restate, its own log, one copy, fsync', 'restate', false);
    await ours('OmoiOS on PostgreSQL', { DATABASE_URL: await database() });
    if (!quick) await ours('OmoiOS embedded', {});
    for (const seconds of stretches)
      await ours(`OmoiOS on PostgreSQL, stretches of ${seconds} s`, {
        DATABASE_URL: await database(),
        OMOIOS_RUN_STRETCH_SECONDS: String(seconds),
      });
  };
  for (const turns of quick ? [50] : [50, 200]) {
    await measureAll(turns, 'read');
    await measureAll(turns, 'edit');
    say(`${turns} turns measured`);
  }
  if (!quick) await row('OmoiOS embedded', 500, 'read', () => stages.on({}, (stage) => ourTurns(stage, 500, 'read')));
  say(turnTable(rows));
}

// Their stages are their own, and take longer than all other rows.
if (measures('tokens') && (!quick || only)) {
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

if (measures('crowd')) {
  // A quick run shares its stage, and does not search.
  const most = quick ? quickAgents : 500;
  await installPeers();
  const peer = await report.row(
    'crowd of LangGraph',
    async () => langGraphCrowd(await newDatabase('bench_crowd_peer'), quick ? quickAgents : 1000),
    (level) => crowdLines('LangGraph sync', { levels: { found: level } }),
  );
  const env = { ...crowdSettings(most), DATABASE_URL: await newDatabase('bench_crowd') };
  await report.row(
    'crowd',
    () => stages.on(env, (stage) => ourCrowd(stage, most)),
    (measured) => crowdLines('OmoiOS on PostgreSQL', measured, peer),
  );
}

await stages.close();
process.exit(report.end());

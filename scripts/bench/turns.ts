import pg from 'pg';
import { embeddedDatabaseUrl } from '#activities/services/embedded.ts';
import { eventually } from '#tests/support/api.ts';
import { commonPrefix, round } from './numbers.ts';
import { TurnCpu } from './cpu.ts';
import type { Stage } from './stage.ts';
import { callsOf, filesOf, type Work } from './work.ts';

export interface TurnCost {
  turns: number;
  ms_per_turn: number;
  /** The same for the last fifty turns: close to ms_per_turn means that turns do not become slower. */
  ms_per_turn_late: number;
  /** Processor time of all processes that take part, the database among them, without the model. */
  cpu_ms_per_turn?: number;
  stored_bytes_per_turn: number | null;
  history_bytes_per_turn?: number;
  /** Share of the bytes of all requests but the first that repeat the beginning of the request before. */
  identical_prefix?: number;
  /** Average share of a request with which the next one begins: 1 when a conversation only grows. */
  kept_prefix?: number;
  compactions?: number;
}

async function storedBytes(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(
      `SELECT sum(pg_total_relation_size(c.oid))::bigint AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname = 'public'`,
    );
    return Number(rows[0].bytes);
  } finally {
    await client.end();
  }
}

/** Measures one agent of OmoiOS that does the same work each turn. */
export async function ourTurns(stage: Stage, turns: number, work: Work): Promise<TurnCost> {
  const title = `Work ${work} ${turns}`;
  const cpu = new TurnCpu(stage.stack.address.dataDir);
  stage.script = ({ step }) => {
    cpu.at(step, turns);
    return step < turns ? { tools: callsOf(work, step) } : { hang: true };
  };
  const { id } = await stage.project(filesOf(work, turns));
  const { dataDir, env } = stage.stack.address;
  const url = env.DATABASE_URL ?? embeddedDatabaseUrl(dataDir);
  const before = await storedBytes(url);
  const first = stage.asked.length;
  const ticket = await stage.quickTicket(id, title);
  await eventually(`${turns} turns`, () => stage.turnsOf(title).length > turns, turns * 2000 + 60_000);
  const asked = stage.turnsOf(title);
  const bytes = (await storedBytes(url)) - before;
  const { items } = await stage.api.get<{ items: { id: string; epoch: number }[] }>(`/runs?ticket_id=${ticket.id}`);
  const temporal = await stage.stack.temporal();
  let history = 0;
  for await (const run of temporal.client.workflow.list({ query: `WorkflowId="run:${items[0]?.id}"` }))
    history += (await temporal.client.workflow.getHandle(run.workflowId, run.runId).describe()).historySize ?? 0;
  await temporal.close();
  const texts = asked.map(({ request }) =>
    JSON.stringify([request.body.tools, request.body.system, request.body.messages]).replace(
      /,"cache_control":\{[^}]*\}/g,
      '',
    ),
  );
  const common = texts.slice(1).map((text, n) => commonPrefix(texts[n] ?? '', text));
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  await stage.api.post(`/tickets/${ticket.id}/cancel`);
  const span = (from: number, to: number) => ((asked[to]?.at ?? 0) - (asked[from]?.at ?? 0)) / (to - from);
  return {
    turns,
    ms_per_turn: round(span(0, turns)),
    ms_per_turn_late: round(span(Math.max(0, turns - 50), turns)),
    cpu_ms_per_turn: cpu.perTurn(turns),
    stored_bytes_per_turn: Math.round(bytes / turns),
    history_bytes_per_turn: Math.round(history / turns),
    identical_prefix: round(sum(common) / sum(texts.slice(1).map((text) => text.length)), 4),
    kept_prefix: round(sum(common.map((bytes, n) => bytes / (texts[n]?.length ?? 1))) / common.length, 4),
    compactions: stage.asked.slice(first).filter(({ request }) => request.context.kind === 'compaction').length,
  };
}

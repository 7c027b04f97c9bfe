import pg from 'pg';
import { embeddedDatabaseUrl } from '#activities/services/embedded.ts';

/** A content block of a message, as sent. */
export interface Block {
  type: string;
  id?: string;
  tool_use_id?: string;
  text?: string;
  content?: unknown;
}

export interface Observation {
  tasks: { id: string; status: string; ended_at: Date | null }[];
  runs: { id: string; status: string; turn: number; ended_at: Date | null; caller_run_id: string | null }[];
  transcript: { run_id: string; seq: number; epoch: number; turn: number; role: string; content: Block[] }[];
  turns: { run_id: string; turn: number; ended_at: Date }[];
  calls: { run_id: string; turn: number; tool_use_id: string; status: string }[];
  messages: {
    id: string;
    run_id: string;
    content: string;
    delivered_at_turn: number | null;
    refused_reason: string | null;
  }[];
  budgets: { scope_type: string; scope_id: string; limit_micros: number; spent_micros: number; held_micros: number }[];
  costs: { id: string; run_id: string | null; project_id: string | null; cost_micros: number }[];
  reservations: { id: string; state: string }[];
  /** Open or merged pull requests by what they belong to. */
  pull_requests: { business_key: string }[];
}

/** Rows that the store keeps of some projects, read past the product: what it says of itself is not taken for true. */
export class Records {
  private readonly pool: pg.Pool;

  constructor(url: string) {
    this.pool = new pg.Pool({ connectionString: url, max: 2, idleTimeoutMillis: 500, allowExitOnIdle: true });
    this.pool.on('error', () => undefined);
  }

  static of(stack: { address: { dataDir: string } }): Records {
    return new Records(embeddedDatabaseUrl(stack.address.dataDir));
  }

  async rows<T>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.pool.query(sql, values)).rows as T[];
  }

  async observe(projectIds: string[]): Promise<Observation> {
    const own = `run_id IN (SELECT id FROM runs WHERE project_id = ANY($1::uuid[]))`;
    const of = <T>(sql: string) => this.rows<T>(sql, [projectIds]);
    const transcript = await of<{ content: string } & Omit<Observation['transcript'][number], 'content'>>(
      `SELECT run_id, seq, epoch, turn, role, content FROM transcript WHERE ${own} ORDER BY run_id, seq`,
    );
    const money = await of<Record<keyof Observation['budgets'][number], string>>(
      `SELECT scope_type, scope_id, limit_micros, spent_micros, held_micros FROM budgets WHERE scope_id IN (
        SELECT id::text FROM projects WHERE id = ANY($1::uuid[]) UNION SELECT id::text FROM specs WHERE project_id = ANY($1::uuid[]) UNION SELECT id::text FROM tickets WHERE project_id = ANY($1::uuid[])
        UNION SELECT id::text FROM tasks WHERE project_id = ANY($1::uuid[]) UNION SELECT id::text FROM runs WHERE project_id = ANY($1::uuid[]))`,
    );
    return {
      tasks: await of('SELECT id, status, ended_at FROM tasks WHERE project_id = ANY($1::uuid[])'),
      runs: await of('SELECT id, status, turn, ended_at, caller_run_id FROM runs WHERE project_id = ANY($1::uuid[])'),
      transcript: transcript.map((row) => ({ ...row, content: JSON.parse(row.content) as Block[] })),
      turns: await of(`SELECT run_id, turn, ended_at FROM turns WHERE ${own} ORDER BY run_id, turn`),
      calls: await of(
        `SELECT run_id, turn, tool_use_id, status FROM tool_calls WHERE ${own} ORDER BY run_id, turn, position`,
      ),
      messages: await of(
        `SELECT id, run_id, content, delivered_at_turn, refused_reason FROM messages WHERE ${own} ORDER BY created_at`,
      ),
      budgets: money.map((row) => ({
        scope_type: row.scope_type,
        scope_id: row.scope_id,
        limit_micros: Number(row.limit_micros),
        spent_micros: Number(row.spent_micros),
        held_micros: Number(row.held_micros),
      })),
      costs: await of(
        'SELECT id, run_id, project_id, cost_micros FROM cost_records WHERE project_id = ANY($1::uuid[])',
      ),
      reservations: await of(`SELECT id, state FROM reservations WHERE ${own}`),
      pull_requests: await of('SELECT business_key FROM pull_requests WHERE project_id = ANY($1::uuid[])'),
    };
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

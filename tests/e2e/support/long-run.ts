import pg from 'pg';
import { embeddedDatabaseUrl } from '#activities/services/embedded.ts';

/** Copies a finished run's first turn into a run of many: what a very long night leaves behind. Returns its id. */
export async function copyAsLongRun(
  dataDir: string,
  runId: string,
  turns: number,
  callsPerTurn: number,
): Promise<string> {
  const id = 'aaaaaaaa-0000-4000-8000-000000000001';
  const client = new pg.Client({ connectionString: embeddedDatabaseUrl(dataDir) });
  await client.connect();
  const copy = async (table: string, changed: Record<string, string>, series: string, where: string) => {
    const { rows } = await client.query<{ column_name: string }>(
      'SELECT column_name FROM information_schema.columns WHERE table_name = $1',
      [table],
    );
    const columns = rows.map((row) => row.column_name);
    await client.query(
      `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${columns.map((column) => changed[column] ?? `s.${column}`).join(', ')} FROM ${table} s ${series} WHERE ${where}`,
    );
  };
  try {
    await copy('runs', { id: `'${id}'`, title: "'A long night'", turn: String(turns) }, '', `s.id = '${runId}'`);
    await copy(
      'turns',
      { run_id: `'${id}'`, turn: 'n' },
      `, generate_series(1, ${turns}) n`,
      `s.run_id = '${runId}' AND s.turn = 1`,
    );
    await copy(
      'tool_calls',
      { run_id: `'${id}'`, turn: 'n', position: 'm', tool_use_id: "'call_' || n || '_' || m" },
      `, generate_series(1, ${turns}) n, generate_series(0, ${callsPerTurn - 1}) m`,
      `s.run_id = '${runId}' AND s.turn = 1 AND s.position = 0`,
    );
  } finally {
    await client.end();
  }
  return id;
}

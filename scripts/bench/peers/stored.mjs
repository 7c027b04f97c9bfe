import pg from 'pg';

/** Bytes of all tables of a schema, with their indexes. */
export async function storedBytes(database, schema) {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  const { rows } = await client.query(
    `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname = $1`,
    [schema],
  );
  await client.end();
  return Number(rows[0].bytes);
}

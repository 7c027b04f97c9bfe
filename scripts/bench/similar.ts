import { createLexicalEmbeddings } from '#activities/adapters/embeddings/lexical.ts';
import { percentile, round, timed } from './numbers.ts';
import { databaseOf, type Stage } from './stage.ts';

/** The search for similar tickets among many: its time, and how many of the five nearest it finds. */
export async function similarTickets(
  stage: Stage,
  count: number,
): Promise<{ tickets: number; p50_ms: number; p95_ms: number; recall: number }> {
  const { id: project_id } = await stage.project();
  await stage.api.post('/tickets', {
    project_id,
    title: 'First',
    description: 'Measured.',
    workflow_mode: 'spec_driven',
    force_create: true,
  });
  const words = [
    'add show sort fix move hide export import rename check cache limit page list form button field report user order',
    'invoice price search filter login token email retry queue worker upload image table column date time zone error log',
    'test build deploy theme color menu icon link route query index migration schema role right owner team ticket task',
  ].flatMap((line) => line.split(' '));
  const textOf = (n: number) =>
    Array.from({ length: 12 }, (_, k) => words[(n * (2 * k + 7) + ((n >> k) % 11) * 13 + k * k) % words.length]).join(
      ' ',
    );
  const embeddings = createLexicalEmbeddings();
  const db = databaseOf(stage);
  await db.connect();
  try {
    const { rows: indexes } = await db.query<{ indexdef: string }>(
      `SELECT indexdef FROM pg_indexes WHERE indexname = 'tickets_embedding_idx'`,
    );
    // Many rows are put into the index at once in a minute, and one by one in ten.
    await db.query('DROP INDEX tickets_embedding_idx');
    for (let from = 0; from < count; from += 500) {
      const texts = Array.from({ length: 500 }, (_, k) => textOf(from + k));
      const { vectors } = await embeddings.embed(texts, 'passage');
      await db.query(
        `INSERT INTO tickets SELECT made.* FROM tickets one, unnest($2::text[]) WITH ORDINALITY v(vector, n),
         LATERAL jsonb_populate_record(one, jsonb_build_object('id', gen_random_uuid(), 'number', 10 + $3 + n,
           'key', 'TKT-' || (10 + $3 + n), 'status', 'building', 'embedding', v.vector)) made
         WHERE one.id = (SELECT id FROM tickets WHERE project_id = $1 ORDER BY number LIMIT 1)`,
        [project_id, vectors.map((vector) => `[${vector.map((part) => round(part, 5)).join(',')}]`), from],
      );
    }
    await db.query(`SET maintenance_work_mem = '1GB'`);
    await db.query(indexes[0]?.indexdef ?? '');
    await db.query('ANALYZE tickets');
    const near = `SELECT id FROM tickets WHERE project_id = $1 AND status NOT IN ('done', 'cancelled') AND embedded_by = 'lexical' AND embedding IS NOT NULL ORDER BY embedding <=> $2::vector LIMIT 5`;
    const took: number[] = [];
    let found = 0;
    const asked = 40;
    for (let n = 0; n < asked; n += 1) {
      const [vector] = (await embeddings.embed([`${textOf(n * 991)} ${words[n]}`], 'query')).vectors;
      const values = [project_id, `[${(vector ?? []).join(',')}]`];
      await db.query('BEGIN');
      await db.query('SET LOCAL hnsw.iterative_scan = strict_order');
      let rows: { id: string }[] = [];
      took.push(await timed(async () => ({ rows } = await db.query<{ id: string }>(near, values))));
      await db.query('SET LOCAL enable_indexscan = off');
      const exact = await db.query<{ id: string }>(near, values);
      await db.query('COMMIT');
      found += exact.rows.filter(({ id }) => rows.some((row) => row.id === id)).length;
    }
    return {
      tickets: count,
      p50_ms: round(percentile(took, 0.5)),
      p95_ms: round(percentile(took, 0.95)),
      recall: round(found / (5 * asked), 3),
    };
  } finally {
    await db.end();
  }
}

import type { EmbeddedTable } from '#workflows/domain/embedded-tables.ts';
import type { Services } from '../ports/services.ts';

/** Rows of one step. */
const rowsAtOnce = 64;

/** Steps of `reembedWorkflow`. */
export function createEmbeddingActivities({ store, embeddings, log }: Pick<Services, 'store' | 'embeddings' | 'log'>) {
  return {
    /** The tables with texts that lack a vector of the chosen model; none where none is made. */
    tablesToEmbed: async (): Promise<EmbeddedTable[]> =>
      embeddings.model === 'none' ? [] : store.embedding.behind(embeddings.model),

    /** Makes the vectors of some rows. Returns how many of all rows have theirs now. */
    embedSome: async ({ table }: { table: EmbeddedTable }): Promise<{ done: number; total: number }> => {
      const { model } = embeddings;
      const rows = await store.embedding.lacking(table, model, rowsAtOnce);
      const [first] = rows;
      if (first) {
        const texts = rows.map(({ text }) => text);
        const owner = { organization_id: first.organization_id, project_id: null };
        const vectors = await embeddings.embedOrFail(texts, owner);
        const written = rows.flatMap((row, at) => {
          const embedded = vectors[at];
          return embedded ? [{ id: row.id, text: row.text, embedded }] : [];
        });
        await store.embedding.write(table, written);
      } else log.info({ table, model }, 'every row has its vector');
      const [{ done, total } = { done: 0, total: 0 }] = await store.embedding.counts(model, { tables: [table] });
      return rows.length === 0 ? { done: total, total } : { done, total };
    },
  };
}

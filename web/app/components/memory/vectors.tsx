import type { Answer } from '#server/contracts/client.ts';
import type { memoryEmbeddings } from '#server/contracts/memory.ts';
import { Notice } from '../card.tsx';
import { RetryingNotice } from '../retrying-notice.tsx';

/** How far the vectors are by which texts are compared; nothing while each text has its own. */
export function Vectors({ embeddings: { model, tables } }: { embeddings: Answer<typeof memoryEmbeddings> }) {
  const [done, total] = [tables.map((table) => table.done), tables.map((table) => table.total)].map((counts) =>
    counts.reduce((sum, count) => sum + count, 0),
  );
  if (model === 'none' || done === total) return null;
  return (
    <div className="space-y-2">
      <Notice tone="info">
        {done} of {total} texts have their vector of {model}. The others follow; until then they are found by their
        words or by an older vector.
      </Notice>
      <RetryingNotice retrying={tables.find(({ retrying }) => retrying)?.retrying ?? null} />
    </div>
  );
}

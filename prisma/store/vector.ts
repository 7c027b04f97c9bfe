import { toSql } from 'pgvector';

/** A vector as SQL reads it. Without embeddings it is null: similar to nothing, so that equal words alone are found. */
export const vectorOf = (numbers: number[]): string | null => (numbers.length > 0 ? String(toSql(numbers)) : null);

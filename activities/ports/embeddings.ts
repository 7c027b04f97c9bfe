import type { EmbeddedTable } from '#workflows/domain/embedded-tables.ts';
import type { Embedded } from '#prisma/store/vector.ts';

/** What a text is: something that is searched for, or something that is found. Some models want to know. */
export type TextRole = 'query' | 'passage';

/** Turns texts into unit vectors of 1,536 numbers, whose dot product is their cosine similarity (-1 to 1). */
export interface EmbeddingsPort {
  /** Value of `embeddings.provider`. */
  readonly provider: string;
  /** Provider and model. Only vectors of the same model can be compared. */
  readonly model: string;
  /** Whether near vectors mean the same; without it, they only have the same words. */
  readonly semantic: boolean;
  /** One vector for each text, in the same order; no vector at all where the provider makes none. */
  embed(texts: string[], role: TextRole): Promise<{ vectors: number[][]; tokens: number }>;
}

/** Whose texts are embedded: they pay for it. */
export interface EmbeddingOwner {
  organization_id: string;
  project_id: string | null;
}

/** The embeddings as the platform uses them: what they cost is recorded, and no secret leaves with a text. */
export interface Embedder extends Pick<EmbeddingsPort, 'provider' | 'model' | 'semantic'> {
  /** A vector for each text; none while the provider does not answer. What has none is found by its words until then. */
  embed(texts: string[], owner: EmbeddingOwner): Promise<(Embedded | undefined)[]>;
  /** The same for one text. */
  embedOne(text: string, owner: EmbeddingOwner): Promise<Embedded | undefined>;
  /** @throws what the provider throws, with the reason. */
  embedOrFail(texts: string[], owner: EmbeddingOwner): Promise<(Embedded | undefined)[]>;
  /** What a text is searched by: its vector of each model that made vectors of this table. */
  queries(text: string, owner: EmbeddingOwner, table: EmbeddedTable): Promise<Embedded[]>;
}

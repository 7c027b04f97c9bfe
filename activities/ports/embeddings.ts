/** Turns texts into unit vectors of 1,536 numbers, whose dot product is their cosine similarity (-1 to 1). */
export interface EmbeddingsPort {
  readonly provider: string;
  /** Whether near vectors mean the same; without it, they only have the same words. */
  readonly semantic: boolean;
  /** One vector for each text, in the same order. */
  embed(texts: string[]): Promise<number[][]>;
}

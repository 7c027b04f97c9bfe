/** Texts to unit vectors of 1,536 numbers; cosine is their dot product. */
export interface EmbeddingsPort {
  readonly provider: string;
  embed(texts: string[]): Promise<number[][]>;
}

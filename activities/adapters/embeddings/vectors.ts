/** Numbers of each stored vector. */
export const dimensions = 1536;

/** The vector with length 1 and zeros up to 1,536 numbers, which change no similarity. @throws when it has more. */
export function asStored(vector: readonly number[], model: string): number[] {
  if (vector.length > dimensions || vector.length === 0 || !vector.every(Number.isFinite))
    throw new Error(
      `${model} gave a vector of ${vector.length} numbers; 1 to ${dimensions} finite ones can be stored. Set EMBEDDING_MODEL to a model with at most ${dimensions}.`,
    );
  const length = Math.hypot(...vector) || 1;
  return Array.from({ length: dimensions }, (_, at) => (vector[at] ?? 0) / length);
}

import { createHash } from 'node:crypto';
import { normalised } from '#workflows/domain/comparable-text.ts';
import type { EmbeddingsPort } from '../../ports/embeddings.ts';
import { dimensions } from './vectors.ts';

const stopWords = new Set(
  'a an and are as at be by for from has have if in is it its of on or that the then this to was when which will with'.split(
    ' ',
  ),
);

function* features(text: string): Generator<[string, number]> {
  const words = normalised(text).match(/[\p{L}\p{N}_]+/gu) ?? [];
  const meaningful = words.filter((word) => !stopWords.has(word));
  for (const word of meaningful) yield [`w ${word}`, 1];
  for (let i = 1; i < meaningful.length; i += 1) yield [`b ${meaningful[i - 1]} ${meaningful[i]}`, 0.5];
  // Parts of words, so that inflections and typing errors stay similar.
  for (const word of meaningful) for (let i = 0; i + 4 <= word.length; i += 1) yield [`c ${word.slice(i, i + 4)}`, 0.3];
}

/**
 * Hashed n-grams of words and characters, with a sign so that collisions cancel out. Deterministic and without a model:
 * it finds the same words again, not the same meaning in other words.
 */
export function createLexicalEmbeddings(): EmbeddingsPort {
  const embedOne = (text: string): number[] => {
    const counts = new Map<string, number>();
    for (const [feature, weight] of features(text)) counts.set(feature, (counts.get(feature) ?? 0) + weight);
    const vector = new Array<number>(dimensions).fill(0);
    for (const [feature, count] of counts) {
      const hash = createHash('sha1').update(feature).digest().readUInt32LE(0);
      const at = hash % dimensions;
      vector[at] = (vector[at] as number) + (hash & 0x8000_0000 ? -1 : 1) * Math.sqrt(count);
    }
    const length = Math.hypot(...vector);
    // An empty text is similar to nothing; a zero vector has no direction, so the index cannot store it.
    if (length === 0) return vector.map((_, i) => (i === 0 ? 1 : 0));
    return vector.map((x) => x / length);
  };
  return {
    provider: 'lexical',
    model: 'lexical',
    semantic: false,
    embed: async (texts) => ({ vectors: texts.map(embedOne), tokens: 0 }),
  };
}

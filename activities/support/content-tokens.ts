import type { ModelFacts } from '#workflows/domain/agent/model-facts.ts';
import { estimateTokens, imageTokens } from '#workflows/domain/billing/prices.ts';
import { imageType } from './image-type.ts';

const dataOf = (value: unknown): string | undefined => {
  const { type, source } = (value ?? {}) as { type?: unknown; source?: { data?: unknown } };
  return type === 'image' && typeof source?.data === 'string' ? source.data : undefined;
};

/**
 * Estimated tokens of content blocks. An image counts by its pixels, as the provider counts it.
 * @param json content blocks as JSON.
 */
export function contentTokens(json: string, { images }: Pick<ModelFacts, 'images'>): number {
  if (!json.includes('"type":"image"')) return estimateTokens(json.length);
  let tokens = 0;
  const text = JSON.stringify(JSON.parse(json), (_key, value: unknown) => {
    const data = dataOf(value);
    if (data === undefined) return value;
    const size = imageType(Buffer.from(data, 'base64'));
    tokens += size ? imageTokens(size.width, size.height, images) : images.max_tokens;
    return null;
  });
  return tokens + estimateTokens(text.length);
}

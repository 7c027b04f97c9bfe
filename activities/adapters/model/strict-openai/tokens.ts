import { createHash } from 'node:crypto';
import type { FoundModel } from '#workflows/domain/agent/models.ts';
import { estimateTokens, imageTokens } from '#workflows/domain/billing/prices.ts';
import { imageType } from '../../../support/image-type.ts';
import { itemsOf, type Body } from './request.ts';

/** Parts of the prompt in the order in which the provider reads it, as JSON. */
const partsOf = (body: Body): string[] => [
  JSON.stringify([body.instructions ?? '', body.tools ?? []]),
  ...itemsOf(body).map((item) => JSON.stringify(item)),
];

const dataUrl = /data:image\/[a-z]+;base64,([A-Za-z0-9+/=]+)/g;

function tokensOf(json: string, { images }: FoundModel): number {
  let pixels = 0;
  const text = json.replace(dataUrl, (_all, data: string) => {
    const size = imageType(Buffer.from(data, 'base64'));
    pixels += size ? imageTokens(size.width, size.height, images) : images.max_tokens;
    return '';
  });
  return pixels + estimateTokens(text.length);
}

export const promptTokens = (body: Body, model: FoundModel): number =>
  partsOf(body).reduce((sum, part) => sum + tokensOf(part, model), 0);

const lifeMs = 30 * 60_000;
/** The provider caches in steps of this many tokens. */
const step = 128;

/** The prompt cache: automatic, by the longest common beginning, for requests with the same key. */
export class AutomaticCache {
  private readonly entries = new Map<string, number>();

  constructor(private readonly now: () => number) {}

  /** @returns the tokens that were read, those that were written, and all. */
  use(body: Body, model: FoundModel): { all: number; read: number; written: number } {
    const now = this.now();
    let hash = JSON.stringify([model.id, body.prompt_cache_key, body.reasoning?.effort]);
    let all = 0;
    let read = 0;
    const prefixes = partsOf(body).map((part) => {
      hash = createHash('sha256').update(hash).update(part).digest('base64');
      all += tokensOf(part, model);
      if ((this.entries.get(hash) ?? 0) > now && all >= model.min_cache) read = all - (all % step);
      return hash;
    });
    for (const prefix of prefixes) this.entries.set(prefix, now + lifeMs);
    return { all, read, written: all >= model.min_cache ? all - read : 0 };
  }
}

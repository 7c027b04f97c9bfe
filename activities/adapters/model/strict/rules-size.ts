import { imageType } from '../../../support/image-type.ts';
import { isWholeImage } from '../../../support/whole-image.ts';
import { blocksOf, type Block } from './request.ts';
import { firstOf, type Rule } from './refusal.ts';
import { piecesOf, promptTokens } from './tokens.ts';

const MB = 1024 * 1024;

function imagesIn(blocks: readonly Block[]): (Block & { type: 'image' })[] {
  return blocks.flatMap((block) => {
    if (block.type === 'image') return [block];
    if (block.type !== 'tool_result' || typeof block.content !== 'object') return [];
    return block.content.filter((part) => part.type === 'image');
  });
}

function imageProblem({ source }: Block & { type: 'image' }, limit: number, many: string): string | undefined {
  if (source.type !== 'base64') return undefined;
  if (source.data.length > 10 * MB)
    return `image exceeds 10 MB maximum: ${source.data.length} bytes > ${10 * MB} bytes`;
  const bytes = Buffer.from(source.data, 'base64');
  const size = imageType(bytes);
  if (!size || size.mediaType !== source.media_type || !isWholeImage(bytes, size)) return 'Could not process image';
  return size.width > limit || size.height > limit
    ? `image dimensions exceed max allowed size${many}: ${limit} pixels`
    : undefined;
}

/** Refusals that depend on sizes: images, the prompt, cache marks. */
export const sizeRules: Rule[] = [
  {
    name: 'images',
    check: ({ body: { messages } }, { images }) => {
      const sent = messages.flatMap((message) => imagesIn(blocksOf(message)));
      const isMany = sent.length > 20;
      return firstOf([
        sent.length > images.per_request && `Too many images: ${sent.length} > ${images.per_request}`,
        ...sent.map((image) => imageProblem(image, isMany ? 2000 : 8000, isMany ? ' for many-image requests' : '')),
      ]);
    },
  },
  {
    name: 'prompt length',
    check: ({ body }, model) => {
      const tokens = promptTokens(piecesOf(body, model));
      return tokens > model.window ? `prompt is too long: ${tokens} tokens > ${model.window} maximum` : undefined;
    },
  },
  {
    name: 'cache marks',
    check: ({ body }, model) => {
      const pieces = piecesOf(body, model);
      const marked = pieces.filter(({ mark }) => mark);
      const last = pieces.findLast(({ isCacheable }) => isCacheable);
      const automatic = body.cache_control ? (body.cache_control.ttl ?? '5m') : undefined;
      const lives = [...marked.map(({ mark }) => mark), ...(automatic && !last?.mark ? [automatic] : [])];
      return firstOf([
        marked.some(({ isCacheable }) => !isCacheable) &&
          'cache_control cannot be set for empty text blocks or thinking',
        marked.length + (automatic ? 1 : 0) > 4 &&
          `A maximum of 4 blocks with cache_control may be provided. Found ${marked.length + (automatic ? 1 : 0)}.`,
        automatic && last?.mark && last.mark !== automatic && 'cache_control: the last block has another ttl',
        lives.some((ttl, at) => ttl === '1h' && lives.slice(0, at).includes('5m')) &&
          "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block",
      ]);
    },
  },
];

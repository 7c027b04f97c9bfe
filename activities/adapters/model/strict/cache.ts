import { createHash } from 'node:crypto';
import type { ModelFacts } from '#workflows/domain/agent/model-facts.ts';
import type { Body } from './request.ts';
import { piecesOf, promptTokens, type Piece } from './tokens.ts';

/** Tokens of a request as the provider bills them. */
export interface InputUsage {
  input_tokens: number;
  cache_read_input_tokens: number;
  cache_creation_input_tokens: number;
  cache_creation: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
}

/** A read looks at this many blocks up to a mark, with the block of the mark. */
const lookBack = 20;
const lifeOf = { '5m': 300_000, '1h': 3_600_000 };

interface Prefix {
  hash: string;
  /** Tokens from the start of the prompt. */
  tokens: number;
  mark: Piece['mark'];
}

/** The prefixes of a prompt, one for each block. */
function prefixesOf(body: Body, pieces: readonly Piece[]): Prefix[] {
  const { model, tool_choice, thinking, output_config } = body;
  const automatic = body.cache_control ? (body.cache_control.ttl ?? '5m') : undefined;
  const last = pieces.findLastIndex(({ isCacheable }) => isCacheable);
  let hash = model;
  let tokens = 0;
  return pieces.map((piece, at) => {
    // A change of these restarts the cache of the messages.
    const settings = piece.level === 'messages' && pieces[at - 1]?.level !== 'messages';
    hash = createHash('sha256')
      .update(hash)
      .update(settings ? JSON.stringify([tool_choice, thinking, output_config]) : '')
      .update(piece.json)
      .digest('base64');
    tokens += piece.tokens;
    return { hash, tokens, mark: piece.mark ?? (at === last ? automatic : undefined) };
  });
}

/** The prompt cache of an account. Nothing is ever found in it by chance: the test sets the clock. */
export class PromptCache {
  private readonly entries = new Map<string, { until: number; life: number }>();

  constructor(private readonly now: () => number) {}

  /** Reads and writes the cache for a request. `store` is called when its answer begins. */
  use(body: Body, model: Pick<ModelFacts, 'images' | 'min_cache'>): { usage: InputUsage; store: () => void } {
    const started = this.now();
    const pieces = piecesOf(body, model);
    const prefixes = prefixesOf(body, pieces);
    const marks = prefixes.flatMap(({ mark, tokens }, at) => (mark && tokens >= model.min_cache ? [at] : []));
    const isLive = (at: number) => (this.entries.get(prefixes[at]?.hash ?? '')?.until ?? 0) > started;
    const found = marks
      .flatMap((at) => Array.from({ length: Math.min(lookBack, at + 1) }, (_, back) => at - back))
      .filter(isLive);
    const read = Math.max(-1, ...found);
    const readTokens = prefixes[read]?.tokens ?? 0;
    const written = marks.filter((at) => at > read);
    const created = { '5m': 0, '1h': 0 };
    let from = readTokens;
    for (const at of written) {
      const { tokens, mark } = prefixes[at] as Prefix;
      created[mark ?? '5m'] += tokens - from;
      from = tokens;
    }
    return {
      usage: {
        input_tokens: promptTokens(pieces) - from,
        cache_read_input_tokens: readTokens,
        cache_creation_input_tokens: created['5m'] + created['1h'],
        cache_creation: { ephemeral_5m_input_tokens: created['5m'], ephemeral_1h_input_tokens: created['1h'] },
      },
      store: () => {
        for (const at of written) {
          const { hash, mark } = prefixes[at] as Prefix;
          const life = lifeOf[mark ?? '5m'];
          this.entries.set(hash, { until: started + life, life });
        }
        const kept = this.entries.get(prefixes[read]?.hash ?? '');
        if (kept) kept.until = started + kept.life;
      },
    };
  }
}

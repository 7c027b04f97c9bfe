import { randomUUID } from 'node:crypto';
import { costOf, type Pricing } from '#workflows/domain/billing/prices.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { EmbeddedTable } from '#workflows/domain/embedded-tables.ts';
import type { Embedded } from '#prisma/store/vector.ts';
import type { Created } from '../adapters/provider.ts';
import type { Embedder, EmbeddingOwner, EmbeddingsPort, TextRole } from '../ports/embeddings.ts';
import type { Services } from '../ports/services.ts';

interface Parts extends Pick<Services, 'store' | 'redact' | 'log'> {
  port: EmbeddingsPort;
  /** The embeddings of a model that made vectors before, where they can be asked. */
  byModel(name: string): Promise<Created<EmbeddingsPort> | undefined>;
  pricing: Pricing;
}

/** Characters of a text that a vector is made of. */
const longest = 24_000;

/** The embeddings of a provider as the platform uses them. */
export function createEmbedder({ port, byModel, store, redact, log, pricing }: Parts): Embedder {
  async function ask(from: EmbeddingsPort, texts: string[], owner: EmbeddingOwner, role: TextRole) {
    const clean = texts.map((text) => redact(cutStart(text, longest)));
    const { vectors, tokens } = await from.embed(clean, role);
    if (tokens > 0) {
      const model = from.model.slice(from.provider.length + 1);
      const usage = { input_tokens: tokens, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 };
      await store.costs.record({
        key: randomUUID(),
        organization_id: owner.organization_id,
        project_id: owner.project_id,
        kind: 'embedding',
        provider: from.provider,
        model,
        ...usage,
        ...costOf(model, usage, pricing),
      });
    }
    return texts.map((_, at): Embedded | undefined => {
      const vector = vectors[at];
      return vector && { vector, by: from.model };
    });
  }

  async function unlessAway(from: EmbeddingsPort, texts: string[], owner: EmbeddingOwner, role: TextRole) {
    try {
      return await ask(from, texts, owner, role);
    } catch (error) {
      log.warn(
        { model: from.model, error: String(error) },
        'no vector could be made: what is stored now is found by its words alone until it has one',
      );
      return texts.map(() => undefined);
    }
  }

  const created = new Map<string, Promise<EmbeddingsPort | undefined>>();

  /** Models besides the chosen one that made vectors of this table, while these are made again. */
  async function othersOf(table: EmbeddedTable): Promise<EmbeddingsPort[]> {
    const names = (await store.embedding.models(table)).filter((name) => name !== port.model);
    const ports = names.map((name) => {
      const one = created.get(name) ?? byModel(name).then((made) => made?.port);
      created.set(name, one);
      return one;
    });
    return (await Promise.all(ports)).filter((one) => one !== undefined);
  }

  return {
    provider: port.provider,
    model: port.model,
    semantic: port.semantic,
    embed: (texts, owner) => unlessAway(port, texts, owner, 'passage'),
    embedOne: async (text, owner) => (await unlessAway(port, [text], owner, 'passage'))[0],
    embedOrFail: (texts, owner) => ask(port, texts, owner, 'passage'),
    queries: async (text, owner, table) => {
      const asked = [port, ...(await othersOf(table))].map((from) => unlessAway(from, [text], owner, 'query'));
      return (await Promise.all(asked)).flatMap(([embedded]) => embedded ?? []);
    },
  };
}

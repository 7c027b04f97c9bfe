import { fusedScores } from '#workflows/domain/memory/rank.ts';
import type * as contracts from '../contracts/ticket-search.ts';
import type { Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { viewTickets } from './person-waits.ts';

const weights = { semantic: 0.6, keyword: 0.4 };

export async function searchTickets(
  call: Call,
  { query, search_mode: mode, project_id, status, limit }: Query<typeof contracts.searchTickets>,
) {
  const { services, organization_id } = call;
  const { store, embeddings, config } = services;
  const scope = { organization_id, project_id, status: status?.split(',') };
  const wide = mode === 'hybrid' ? 2 * limit : limit;
  const least = embeddings.semantic ? config.memory.similarity : config.memory.lexical_similarity;
  const sense = async () => {
    if (mode === 'keyword') return [];
    const asked = await embeddings.queries(query, { organization_id, project_id: project_id ?? null }, 'tickets');
    return (await store.tickets.bySense(scope, asked, wide)).filter(({ similarity }) => similarity >= least);
  };
  const [bySense, byWords] = await Promise.all([
    sense(),
    mode === 'semantic' ? [] : store.tickets.byWords(scope, query, wide),
  ]);
  const similarities = new Map(bySense.map(({ id, similarity }) => [id, similarity]));
  const ids = (list: { id: string }[]) => list.map(({ id }) => id);
  const scores =
    mode === 'hybrid'
      ? fusedScores(ids(bySense), ids(byWords), weights)
      : new Map([...similarities, ...byWords.map(({ id, rank }) => [id, rank] as const)]);
  const best = [...scores].sort(([, a], [, b]) => b - a).slice(0, limit);
  const tickets = await viewTickets(
    call,
    await store.tickets.some(
      organization_id,
      best.map(([id]) => id),
    ),
  );
  return {
    semantic: embeddings.semantic,
    results: best.flatMap(([id, score]) => {
      const ticket = tickets.find((one) => one.id === id);
      return ticket ? [{ ticket, similarity: similarities.get(id) ?? null, score }] : [];
    }),
  };
}

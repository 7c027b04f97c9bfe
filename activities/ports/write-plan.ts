import { boardPlan, type BoardPlan } from '#workflows/domain/phases/board.ts';
import { foldTwins, textOf, type Alike, type PlanKind } from '#workflows/domain/phases/twins.ts';
import type { EmbeddingOwner } from './embeddings.ts';
import type { Services } from './services.ts';

/** Writes the plan of a spec onto the board, each thing once (DEDUP-03). Rows that exist stay as they are. */
export async function writePlan(services: Services, organizationId: string, specId: string) {
  const { store } = services;
  const { project_id } = await store.specs.get(organizationId, specId);
  const { settings } = await store.projects.get(organizationId, project_id);
  const plan = boardPlan(specId, await store.specs.outputs(specId), settings.requirement_words);
  const { plan: board, twins } = foldTwins(
    plan,
    await similarity(services, plan, { organization_id: organizationId, project_id }),
  );
  return { ...(await store.sync.syncPlan(organizationId, specId, board, twins)), settings };
}

/**
 * What says the same in other words, where the embeddings can tell. Words alone cannot: "export as CSV" and "export as
 * PDF" have nearly the same.
 */
async function similarity(
  { embeddings, config: { dedup } }: Services,
  plan: BoardPlan,
  owner: EmbeddingOwner,
): Promise<Alike> {
  if (!embeddings.semantic) return () => false;
  const texts = [
    ...new Set([
      ...plan.requirements.map(textOf.requirement),
      ...plan.tickets.map(textOf.ticket),
      ...plan.tasks.map(textOf.task),
    ]),
  ];
  const vectors = await embeddings.embed(texts, owner);
  const vectorOf = new Map(texts.map((text, at) => [text, vectors[at]?.vector ?? []]));
  const thresholds: Record<PlanKind, number> = {
    requirement: dedup.requirement,
    ticket: dedup.ticket,
    task: dedup.task,
  };
  return (kind, a, b) => cosine(vectorOf.get(a) ?? [], vectorOf.get(b) ?? []) >= thresholds[kind];
}

/** Of unit vectors. */
const cosine = (a: number[], b: number[]) => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

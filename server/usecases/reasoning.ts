import {
  countTypes,
  decisionTypes,
  inOrder,
  reasonedEntities,
  reasoningTypes,
  type ReasonedEntity,
  type ReasoningStep,
} from '#workflows/domain/reasoning.ts';
import type * as contracts from '../contracts/reasoning.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { at } from './views.ts';

const toStepView = ({ at: time, ...step }: ReasoningStep) => ({ ...step, timestamp: at(time) });

export const typesOfReasoning = () => ({
  entity_types: [...reasonedEntities],
  event_types: [...reasoningTypes],
  decision_types: [...decisionTypes],
});

export async function reasoningChain(
  { services, organization_id }: Call,
  { entity_type, id }: { entity_type: ReasonedEntity; id: string },
  { event_type, limit }: Query<typeof contracts.reasoningChain>,
) {
  const all = inOrder(await services.store.reasoning.steps(organization_id, entity_type, id));
  const wanted = event_type ? all.filter(({ type }) => type === event_type) : all;
  return {
    entity_type,
    entity_id: id,
    events: wanted.slice(-limit).map(toStepView),
    stats: { total: all.length, by_type: countTypes(all) },
  };
}

export async function addReasoning(
  call: Call,
  { entity_type, id }: { entity_type: ReasonedEntity; id: string },
  { type, decision, ...step }: Body<typeof contracts.addReasoning>,
) {
  const { services, organization_id, actor } = call;
  const project_id = (await services.store.scopes.projectOf(entity_type, id)) ?? '';
  return toStepView(
    await services.store.reasoning.record({
      id: call.newId('reason'),
      ...{ organization_id, project_id, entity_type, entity_id: id, event_type: type, agent: actor.email },
      ...step,
      decision: decision ?? null,
    }),
  );
}

export const getReasoningEvent = async ({ services, organization_id }: Call, id: string) =>
  toStepView(await services.store.reasoning.get(organization_id, id));

export async function deleteReasoningEvent({ services, organization_id }: Call, id: string): Promise<undefined> {
  await services.store.reasoning.remove(organization_id, id);
}

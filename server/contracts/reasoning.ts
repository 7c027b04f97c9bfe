import { z } from 'zod';
import { decisionTypes, reasonedEntities, reasoningTypes, type ReasonedEntity } from '#workflows/domain/reasoning.ts';
import { byId, contract, idParams, isoTime, recordId, uuid, type ScopeOf } from './contract.ts';

const kinds: Record<ReasonedEntity, string> = {
  ...{ spec: 'spec', ticket: 'ticket', task: 'task', discovery: 'discovery', run: 'run' },
};
const byEntity: ScopeOf = { kind: { field: 'entity_type', of: kinds }, from: 'params', field: 'id' };
const entityParams = z.object({ entity_type: z.enum(reasonedEntities), id: recordId });
const text = z.string().trim().max(10_000);
const evidenceSchema = z.object({ type: z.string(), content: z.string(), link: z.string().optional() });
const decisionSchema = z.object({ type: z.enum(decisionTypes), action: z.string(), reasoning: z.string() });

const stepSchema = z.object({
  /** Of a step that was recorded by hand; null for one that follows from a record. */
  event_id: uuid.nullable(),
  timestamp: isoTime,
  type: z.enum(reasoningTypes),
  title: z.string(),
  description: z.string(),
  /** Who did it: an e-mail address, a run's id, or a part of the platform. */
  agent: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
  evidence: z.array(evidenceSchema),
  decision: decisionSchema.nullable(),
});

export const reasoningTypesOf = contract({
  method: 'get',
  path: '/reasoning/types',
  tag: 'reasoning',
  summary: 'The types of steps and decisions that chains of reasons have',
  auth: 'user',
  scope: 'none',
  response: z.object({
    entity_types: z.array(z.enum(reasonedEntities)),
    event_types: z.array(z.enum(reasoningTypes)),
    decision_types: z.array(z.enum(decisionTypes)),
  }),
});
export const reasoningChain = contract({
  method: 'get',
  path: '/reasoning/{entity_type}/{id}',
  tag: 'reasoning',
  summary: 'Why work is as it is: what was found, decided, changed and blocked, the oldest first',
  auth: 'task:read',
  scope: byEntity,
  params: entityParams,
  query: z.object({
    event_type: z.enum(reasoningTypes).optional(),
    /** Steps at most, the newest ones. */
    limit: z.coerce.number().int().min(1).max(1000).default(200),
  }),
  response: z.object({
    entity_type: z.enum(reasonedEntities),
    entity_id: uuid,
    events: z.array(stepSchema),
    /** Of the whole chain, by type. */
    stats: z.object({ total: z.number().int(), by_type: z.record(z.string(), z.number().int()) }),
  }),
});
export const addReasoning = contract({
  method: 'post',
  path: '/reasoning/{entity_type}/{id}/events',
  tag: 'reasoning',
  summary: 'Record a step by hand',
  auth: 'task:write',
  scope: byEntity,
  params: entityParams,
  status: 201,
  body: z.strictObject({
    type: z.enum(reasoningTypes),
    title: text.min(1).max(300),
    description: text.default(''),
    details: z.record(z.string(), z.unknown()).default({}),
    evidence: z
      .array(
        z.strictObject({
          type: text.min(1).max(100),
          content: text,
          /** A path of the web application, or an address. */
          link: z
            .string()
            .max(2000)
            .regex(/^(?:\/(?!\/)|https?:\/\/)/, 'must begin with / or https://')
            .optional(),
        }),
      )
      .max(50)
      .default([]),
    decision: z
      .strictObject({ type: z.enum(decisionTypes), action: text.min(1), reasoning: text.default('') })
      .optional(),
  }),
  response: stepSchema,
});
export const getReasoningEvent = contract({
  method: 'get',
  path: '/reasoning/events/{id}',
  tag: 'reasoning',
  summary: 'A step that was recorded by hand',
  auth: 'task:read',
  scope: byId('reasoning_event'),
  params: idParams,
  response: stepSchema,
});
export const deleteReasoningEvent = contract({
  method: 'delete',
  path: '/reasoning/events/{id}',
  tag: 'reasoning',
  summary: 'Delete a step that was recorded by hand',
  auth: 'task:write',
  scope: byId('reasoning_event'),
  params: idParams,
  status: 204,
});

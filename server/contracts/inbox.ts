import { z } from 'zod';
import { inboxActions, itemKinds } from '#workflows/domain/inbox.ts';
import { severities } from '#workflows/domain/notifications/kinds.ts';
import { contract, isoTime, laterMoment, uuid } from './contract.ts';
import { seenHead } from './pull-requests.ts';

/** kind:ID of a record that waits; any other text names nothing. */
const itemParams = z.object({ id: z.string().max(60) });

export const inboxItemSchema = z.object({
  /** kind:ID of its record. */
  id: z.string(),
  kind: z.enum(itemKinds),
  title: z.string(),
  /** Why it waits, or the question. */
  reason: z.string(),
  priority: z.enum(severities),
  /** Unfinished tasks that cannot go on before it is answered. */
  blocks: z.number().int(),
  since: isoTime,
  /** Null: an agent of no project. */
  project_id: uuid.nullable(),
  spec_id: uuid.nullable(),
  run_id: uuid.nullable(),
  phase: z.string().nullable(),
  /** Of a pull request: its newest commit. An answer names it as the one that was seen. */
  head_sha: z.string().nullable(),
  /** The answers that a question offers. */
  options: z.array(z.string()),
  /** What it can be answered with. */
  actions: z.array(z.enum(inboxActions)),
  /** Path of its page. */
  link: z.string(),
  snoozed_until: isoTime.nullable(),
});

export const listInbox = contract({
  method: 'get',
  path: '/inbox',
  tag: 'inbox',
  summary: 'What waits for a person, by priority and by what it blocks',
  auth: 'org:read',
  personal: true,
  scope: 'own',
  query: z.object({
    /** `true`: with what the caller does not want to see yet. */
    snoozed: z.enum(['true', 'false']).default('false'),
  }),
  response: z.object({ items: z.array(inboxItemSchema), snoozed: z.number().int() }),
});

export const answerItem = contract({
  method: 'post',
  path: '/inbox/{id}/answer',
  tag: 'inbox',
  summary: 'Answer an item of the inbox: the same as the call that its page makes, with its permission',
  auth: 'org:read',
  scope: 'own',
  while_archived: true,
  params: itemParams,
  body: z.strictObject({
    /** Default: the only one that the item takes. */
    action: z.enum(inboxActions).optional(),
    /** The answer to a question, or what has to change. */
    text: z.string().trim().min(1).max(20_000).optional(),
    /** Of a pull request: the newest commit that was seen. One that has newer commits is not approved. */
    head_sha: seenHead,
  }),
  status: 202,
  response: z.object({ status: z.string() }),
  failures: [402, 409],
});

export const snoozeItem = contract({
  method: 'post',
  path: '/inbox/{id}/snooze',
  tag: 'inbox',
  summary: 'Hide an item of the inbox from the caller until a time; null shows it again',
  auth: 'org:read',
  scope: 'own',
  while_archived: true,
  params: itemParams,
  body: z.strictObject({ until: laterMoment.nullable() }),
  response: z.object({ snoozed_until: isoTime.nullable() }),
});

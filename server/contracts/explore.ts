import { z } from 'zod';
import { byId, contract, idParams, isoTime, listOf, pageQuery, recordId, uuid } from './contract.ts';

export const places = z.array(z.object({ path: z.string(), line: z.number().int(), end: z.number().int().optional() }));
const message = z.object({
  id: uuid,
  question: z.string(),
  status: z.enum(['answering', 'answered', 'failed']),
  attempt: z.number().int(),
  /** The run that answers; its record comes a moment later. */
  run_id: uuid,
  /** Markdown. */
  answer: z.string().nullable(),
  /** The commit that the answer is about. */
  base_sha: z.string().nullable(),
  /** The places in the answer that exist at that commit. */
  citations: places,
  /** The places in the answer that do not exist there. */
  dropped: places,
  /** Why there is no answer. */
  error: z.string().nullable(),
  /** What the run waits for; null while it works. */
  waits: z.string().nullable(),
  cost_micros: z.number().int().nullable(),
  created_at: isoTime,
  asked_at: isoTime,
  ended_at: isoTime.nullable(),
});
const conversation = z.object({ id: uuid, title: z.string(), created_at: isoTime });
const withMessages = conversation.extend({ messages: z.array(message) });

const question = z
  .string()
  .trim()
  .min(3)
  .max(4000)
  .meta({ description: 'One question about the code of the default branch.' });
const one = idParams.extend({ conversation_id: recordId });
const ofProject = { tag: 'projects', scope: byId('project'), params: idParams } as const;
const reads = { ...ofProject, method: 'get', auth: 'document:read' } as const;
const asks = {
  ...ofProject,
  method: 'post',
  auth: 'document:write',
  starts_work: true,
  failures: [400, 402, 409],
} as const;
const base = '/explore/project/{id}';

export const listConversations = contract({
  ...reads,
  path: `${base}/conversations`,
  summary: "The caller's conversations about the code of a project, newest first",
  query: pageQuery,
  response: listOf(conversation),
});
export const startConversation = contract({
  ...asks,
  path: `${base}/conversations`,
  summary: 'Ask a first question about the code. A run reads it and answers with files and lines',
  status: 201,
  body: z.strictObject({ question }),
  response: withMessages,
});
export const getConversation = contract({
  ...reads,
  path: `${base}/conversations/{conversation_id}`,
  summary: "A conversation of the caller's with its questions and answers, oldest first",
  params: one,
  response: withMessages,
});
export const deleteConversation = contract({
  ...ofProject,
  method: 'delete',
  auth: 'document:write',
  path: `${base}/conversations/{conversation_id}`,
  summary: "Delete a conversation of the caller's",
  status: 204,
  failures: [409],
  params: one,
});
export const askQuestion = contract({
  ...asks,
  path: `${base}/conversations/{conversation_id}/messages`,
  summary: 'Ask another question in a conversation',
  status: 202,
  params: one,
  body: z.strictObject({ question }),
  response: message,
});
export const askAgain = contract({
  ...asks,
  path: `${base}/conversations/{conversation_id}/messages/{message_id}/retry`,
  summary: 'Ask a question again that has no answer',
  status: 202,
  params: one.extend({ message_id: recordId }),
  response: message,
});
export const keyFiles = contract({
  ...reads,
  path: `${base}/files`,
  summary: 'The files of a project that explain it, found by their names',
  response: z.object({
    base_sha: z.string(),
    items: z.array(z.object({ path: z.string(), why: z.string() })),
  }),
});
export const suggestions = contract({
  ...reads,
  path: `${base}/suggestions`,
  summary: 'Questions about the code of a project, made from its files',
  response: z.object({ base_sha: z.string(), items: z.array(z.string()) }),
});
export const readLines = contract({
  ...reads,
  path: `${base}/lines`,
  summary: 'Lines of a file at a commit of the project',
  query: z.object({
    path: z.string().min(1).max(700),
    sha: z
      .string()
      .regex(/^[0-9a-f]{40}$/, 'must be the 40 digits of a commit')
      .optional()
      .meta({ description: 'Default: the newest known commit of the default branch.' }),
    line: z.coerce.number().int().min(1).max(9_999_999).default(1).meta({ description: 'The line that is wanted.' }),
  }),
  response: z.object({
    path: z.string(),
    base_sha: z.string(),
    /** Number of the first line of `text`. */
    first: z.number().int(),
    total: z.number().int(),
    text: z.string(),
  }),
});

import { z } from 'zod';
import { byId, contract, idParams, isoTime, listOf, pageQuery, recordId, uuid } from './contract.ts';

export const commentSchema = z.object({
  id: uuid,
  ticket_id: uuid,
  author: z.string(),
  text: z.string(),
  /** Ids of the members whom it mentions. */
  mentions: z.array(z.string()),
  created_at: isoTime,
  edited_at: isoTime.nullable(),
});
const text = z.string().trim().min(1).max(10_000).meta({
  description: 'Mentions members by @ and their address, or by @ and the first part of it where one member has that.',
});
const params = idParams.extend({ comment: recordId });

export const listComments = contract({
  method: 'get',
  path: '/tickets/{id}/comments',
  tag: 'tickets',
  summary: 'Comments on a ticket, oldest first',
  auth: 'ticket:read',
  scope: byId('ticket'),
  params: idParams,
  query: pageQuery,
  response: listOf(commentSchema),
});
export const addComment = contract({
  method: 'post',
  path: '/tickets/{id}/comments',
  tag: 'tickets',
  summary: 'Comment on a ticket; members whom it mentions are told',
  auth: 'ticket:write',
  agents_of_project: 'ticket:write',
  scope: byId('ticket'),
  params: idParams,
  status: 201,
  body: z.strictObject({ text }),
  response: commentSchema,
});
export const editComment = contract({
  method: 'patch',
  path: '/tickets/{id}/comments/{comment}',
  tag: 'tickets',
  summary: 'Change your comment',
  auth: 'ticket:write',
  scope: byId('ticket'),
  params,
  body: z.strictObject({ text }),
  response: commentSchema,
});
export const removeComment = contract({
  method: 'delete',
  path: '/tickets/{id}/comments/{comment}',
  tag: 'tickets',
  summary: 'Delete your comment; owners and admins delete any',
  auth: 'ticket:write',
  scope: byId('ticket'),
  params,
  status: 204,
});

import { z } from 'zod';
import { contract, isoTime, listOf, pageQuery, uuid } from './contract.ts';

export const listMails = contract({
  method: 'get',
  path: '/mails',
  tag: 'operations',
  summary: 'The mails of the installation, the newest first (administrators of the installation only)',
  auth: 'administrator',
  scope: 'none',
  query: pageQuery,
  response: listOf(
    z.object({
      id: uuid,
      to: z.string(),
      subject: z.string(),
      /** With its link only in a local mailbox: elsewhere the link belongs to the receiver alone. */
      text: z.string(),
      /** kept: there is no mail server, so it was not sent. */
      state: z.enum(['waiting', 'sent', 'failed', 'kept']),
      error: z.string().nullable(),
      created_at: isoTime,
      ended_at: isoTime.nullable(),
    }),
  ).extend({
    /** False: this is a local mailbox, and no mail leaves the installation. */
    delivers: z.boolean(),
  }),
});

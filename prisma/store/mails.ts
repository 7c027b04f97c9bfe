import { notFound } from '#workflows/domain/errors.ts';
import { pageOf, type PageQuery } from './page.ts';
import type { StoreCore } from './core.ts';

export interface MailFields {
  id: string;
  recipient: string;
  subject: string;
  text: string;
  key_id?: string;
  sealed_link?: string;
  state: 'waiting' | 'kept';
}

/** Mails of the platform. They belong to the installation, and only its administrators read them. */
export function mailsStore(core: StoreCore) {
  /** The link is removed: nobody needs it any more. */
  const end = (id: string, data: { state: 'sent' | 'failed'; error?: string }) =>
    core.change(
      async (tx) =>
        void (await tx.mail.updateMany({
          where: { id, state: 'waiting' },
          data: { ...data, key_id: null, sealed_link: null, ended_at: new Date() },
        })),
    );
  return {
    /** A repeated call with the same id keeps the first mail. */
    create: (mail: MailFields) =>
      core.change(async (tx) => void (await tx.mail.createMany({ data: mail, skipDuplicates: true }))),
    get: async (id: string) => {
      const mail = await core.read((db) => db.mail.findUnique({ where: { id } }));
      if (!mail) throw notFound('mail');
      return mail;
    },
    sent: (id: string) => end(id, { state: 'sent' }),
    failed: (id: string, error: string) => end(id, { state: 'failed', error }),
    /** The newest first. */
    list: (page: PageQuery) => core.read((db) => pageOf(page, (query) => db.mail.findMany(query))),
    /** Mails that wait, created after `since` and a minute ago or more. */
    notStarted: (since: Date) =>
      core.read((db) =>
        db.mail.findMany({
          where: { state: 'waiting', created_at: { gt: since, lt: new Date(Date.now() - 60_000) } },
          select: { id: true },
          orderBy: { created_at: 'asc' },
          take: 200,
        }),
      ),
  };
}

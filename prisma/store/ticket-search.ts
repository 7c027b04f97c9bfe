import { Prisma } from '../generated/client.ts';
import type { StoreCore } from './core.ts';
import { nearest, type Embedded } from './vector.ts';

export interface TicketScope {
  organization_id: string;
  project_id?: string;
  status?: string[];
}

const inScope = ({ organization_id, project_id, status }: TicketScope) => Prisma.sql`
  organization_id = ${organization_id}::uuid AND archived_at IS NULL
  ${project_id ? Prisma.sql`AND project_id = ${project_id}::uuid` : Prisma.empty}
  ${status ? Prisma.sql`AND status = ANY(${status})` : Prisma.empty}`;

/** As the index on words has it. */
const words = Prisma.sql`to_tsvector('english', title || ' ' || description)`;

export function ticketSearch(core: StoreCore) {
  return {
    /** Tickets whose vector is near, the nearest first. Similarity: cosine, -1 to 1. */
    bySense: (scope: TicketScope, asked: Embedded[], limit: number) =>
      core.read((db) => db.$transaction((tx) => nearest(tx, 'tickets', { inScope: inScope(scope), asked, limit }))),
    /** Tickets that hold all words of a text, the best match first. */
    byWords: (scope: TicketScope, text: string, limit: number) =>
      core.read(
        (db) => db.$queryRaw<{ id: string; rank: number }[]>`
          SELECT id, ts_rank(${words}, query) AS rank
          FROM tickets, plainto_tsquery('english', ${text}) query
          WHERE ${inScope(scope)} AND ${words} @@ query
          ORDER BY rank DESC, created_at DESC LIMIT ${limit}`,
      ),
    /** These tickets, in no order. */
    some: (organizationId: string, ids: string[]) =>
      core.read((db) => db.ticket.findMany({ where: { id: { in: ids }, organization_id: organizationId } })),
  };
}

import { PrismaPg } from '@prisma/adapter-pg';
import type { ArgType, SqlDriverAdapter, SqlQuery, SqlQueryable } from '@prisma/driver-adapter-utils';
import { storableJson, storableText } from '#workflows/domain/text.ts';

/** A parameter of a statement whose text PostgreSQL can store. */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  return Array.isArray(value) ? value.map(storable) : value;
}

function storableArgument(value: unknown, type: ArgType | undefined): unknown {
  if (type?.scalarType !== 'json') return storable(value);
  if (Array.isArray(value)) return value.map((item) => storableArgument(item, type));
  return typeof value === 'string' ? storableJson(value) : value;
}

const storableQuery = (query: SqlQuery): SqlQuery => ({
  ...query,
  args: query.args.map((value, i) => storableArgument(value, query.argTypes[i])),
});

function cleaning<T extends SqlQueryable>(queryable: T): T {
  const { queryRaw, executeRaw } = queryable;
  return Object.assign(queryable, {
    queryRaw: (query: SqlQuery) => queryRaw.call(queryable, storableQuery(query)),
    executeRaw: (query: SqlQuery) => executeRaw.call(queryable, storableQuery(query)),
  });
}

/**
 * Prisma's driver with storable text: every statement of the client passes here, so no write can fail for ever on a
 * character that a command, a model or a file contained.
 */
export class StorablePg extends PrismaPg {
  override async connect(): Promise<Awaited<ReturnType<PrismaPg['connect']>>> {
    const adapter = cleaning(await super.connect());
    const { startTransaction } = adapter;
    const starting: Pick<SqlDriverAdapter, 'startTransaction'> = {
      startTransaction: async (level) => cleaning(await startTransaction.call(adapter, level)),
    };
    return Object.assign(adapter, starting);
  }
}

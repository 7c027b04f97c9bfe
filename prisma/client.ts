import pg from 'pg';
import { AppError } from '#workflows/domain/errors.ts';
import { PrismaClient, type Prisma } from './generated/client.ts';
import { StorablePg, storable } from './storable-adapter.ts';

export interface Database {
  prisma: PrismaClient;
  /** The pool beneath Prisma. Its own `query` does not clean text: use `statement`. */
  pool: pg.Pool;
  /** Runs one statement in one round trip, beside Prisma. */
  statement<R extends pg.QueryResultRow>(sql: Prisma.Sql): Promise<R[]>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** Connections. */
  pool: number;
  /** Seconds to wait for a free connection. */
  pool_timeout: number;
  /** Seconds a statement may take. */
  command_timeout: number;
}

/**
 * The driver for both PostgreSQL and PGlite's socket. Behind the socket all connections share one session, so no code
 * may use session state: no SET, LISTEN, advisory lock or named statement. Transactions must be short.
 */
export function openDatabaseClient(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.pool,
    connectionTimeoutMillis: options.pool_timeout * 1000,
    query_timeout: options.command_timeout * 1000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
  });
  // A dropped idle connection is ignored: the next query opens another one or fails by itself.
  pool.on('error', () => undefined);
  const prisma = new PrismaClient({
    adapter: new StorablePg(pool),
    transactionOptions: { maxWait: options.pool_timeout * 1000, timeout: options.command_timeout * 1000 },
  });
  return {
    prisma,
    pool,
    statement: async <R extends pg.QueryResultRow>(sql: Prisma.Sql) =>
      (await pool.query<R>(sql.text, sql.values.map(storable))).rows,
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  '08006',
  '08001',
  '08003',
  '53300',
  '53100',
]);

/** True when the database was unreachable, full or starting, or ended a deadlock: a retry may succeed. */
export function isUnavailable(error: unknown): boolean {
  const { code, message, cause, meta } = error as {
    code?: string;
    message?: string;
    cause?: unknown;
    meta?: { driverAdapterError?: unknown };
  };
  if (code && (unreachable.has(code) || code === 'P1001' || code === 'P1017' || code === 'P2024' || code === 'P2028'))
    return true;
  if (
    message &&
    /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Unable to start a transaction|Server has closed the connection|ConnectionClosed|SocketTimeout|DatabaseNotReachable|not queryable|deadlock detected/i.test(
      message,
    )
  )
    return true;
  const inner = cause ?? meta?.driverAdapterError;
  return inner !== undefined && inner !== error && isUnavailable(inner);
}

export function isUniqueViolation(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === '23505' || code === 'P2002';
}

export const databaseAway = () =>
  new AppError(
    'unavailable',
    'The database does not answer. The work waits and continues when it is back; see omoios doctor.',
    undefined,
    5,
  );

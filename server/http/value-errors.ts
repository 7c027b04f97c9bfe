interface DatabaseError {
  code?: unknown;
  originalCode?: unknown;
  cause?: unknown;
  meta?: { driverAdapterError?: unknown };
}

/**
 * Codes of Prisma for a value that its column does not take: too long, of another type, out of range, a malformed id.
 */
const prismaCodes = ['P2000', 'P2005', 'P2006', 'P2007', 'P2019', 'P2020', 'P2023', 'P2033'];

/** Class 22 of PostgreSQL are errors about a value. A division by zero is a fault of the statement. */
const isValueCode = (code: unknown) =>
  typeof code === 'string' && (prismaCodes.includes(code) || (/^22\w{3}$/.test(code) && code !== '22012'));

/** Whether the database refused a value, such as a malformed UUID or a number out of range. */
export function isValueError(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 5) return false;
  const { code, originalCode, cause, meta } = error as DatabaseError;
  return (
    isValueCode(code) ||
    isValueCode(originalCode) ||
    isValueError(cause, depth + 1) ||
    isValueError(meta?.driverAdapterError, depth + 1)
  );
}

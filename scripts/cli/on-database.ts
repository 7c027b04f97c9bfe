import { withDatabase } from '#activities/services/admin.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { CliError } from './client.ts';

/** Works on the database itself. @throws CliError that says what to do where it does not answer. */
export async function onDatabase<T>(work: Parameters<typeof withDatabase<T>>[0]): Promise<T> {
  try {
    return await withDatabase(work);
  } catch (error) {
    if (error instanceof AppError) throw new CliError(error.message, error.code === 'unavailable' ? 2 : 1);
    const { code } = error as { code?: string };
    if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw error;
    throw new CliError(
      'The database does not answer. Check DATABASE_URL, or start the embedded database with npm start.',
      2,
    );
  }
}

import { existsSync, readFileSync } from 'node:fs';
import { createActivities as createReal } from '#activities/index.ts';
import type { Services } from '#activities/ports/services.ts';
import { toFailure } from '#activities/support/failures.ts';
import { AppError } from '#workflows/domain/errors.ts';

/** As long as the file names a step, the step fails with an error that can pass. */
const file = process.env.TEST_REFUSED_FILE as string;

/** The application's steps, of which some fail before they do anything. */
export function createActivities(services: Services): ReturnType<typeof createReal> {
  const real = createReal(services);
  return Object.fromEntries(
    Object.entries(real).map(([name, run]) => [
      name,
      async (input: never) => {
        if (existsSync(file) && readFileSync(file, 'utf8') === name)
          throw toFailure(new AppError('unavailable', `Nothing answers ${name}.`));
        return run(input);
      },
    ]),
  ) as unknown as typeof real;
}

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createActivities as createReal } from '#activities/index.ts';
import type { Services } from '#activities/ports/services.ts';
import { toFailure } from '#activities/support/failures.ts';
import { AppError } from '#workflows/domain/errors.ts';

/**
 * While the file exists, `once` in it fails each kind of step for good at its first try, and `away STEP` fails that step
 * each time, with an error that can pass.
 */
const file = process.env.TEST_REFUSED_FILE as string;
const refused = new Set<string>();

function mayRefuse(name: string): void {
  if (!existsSync(file)) return;
  const [mode, step] = readFileSync(file, 'utf8').split('\n')[0]?.split(' ') ?? [];
  if (mode === 'away' && step === name) throw new AppError('unavailable', `Nothing answers ${name}.`);
  if (mode !== 'once' || refused.has(name)) return;
  refused.add(name);
  appendFileSync(file, `${name}\n`);
  throw new TypeError(`${name} was refused once.`);
}

/** The application's steps, of which some fail before they do anything. */
export function createActivities(services: Services): ReturnType<typeof createReal> {
  const real = createReal(services);
  return Object.fromEntries(
    Object.entries(real).map(([name, run]) => [
      name,
      async (input: never) => {
        try {
          mayRefuse(name);
        } catch (error) {
          throw toFailure(error);
        }
        return run(input);
      },
    ]),
  ) as unknown as typeof real;
}

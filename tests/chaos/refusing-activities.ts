import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createActivities as createReal } from '#activities/index.ts';
import type { Services } from '#activities/ports/services.ts';
import { toFailure } from '#activities/support/failures.ts';
import { AppError } from '#workflows/domain/errors.ts';

/**
 * While the file exists, `once PLAY STEP...` in it fails each of these steps for good at its first try in the play (no
 * step: each kind), and `away STEP` fails that step each time, with an error that can pass; `always STEP` with one that
 * cannot.
 */
const file = process.env.TEST_REFUSED_FILE as string;
const refused = new Set<string>();

function mayRefuse(name: string): void {
  if (!existsSync(file)) return;
  const [mode, play, ...steps] = readFileSync(file, 'utf8').split('\n')[0]?.split(' ') ?? [];
  if (mode === 'away' && play === name) throw new AppError('unavailable', `Nothing answers ${name}.`);
  if (mode === 'always' && play === name) throw new TypeError(`${name} was refused.`);
  if (mode !== 'once' || refused.has(`${play} ${name}`) || (steps.length > 0 && !steps.includes(name))) return;
  refused.add(`${play} ${name}`);
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

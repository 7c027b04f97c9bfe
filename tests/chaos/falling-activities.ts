import { appendFileSync, existsSync } from 'node:fs';
import { createActivities as createReal } from '#activities/index.ts';
import type { Services } from '#activities/ports/services.ts';
import { watchedPorts } from './watched-ports.ts';

/** Beside the first time, each so many calls of a point let the step fall again. */
const againEvery = 20;
const calls = new Map<string, number>();

/** They fall while it is there, each fall a line. */
const file = process.env.TEST_FALLEN_FILE as string;

class Fallen extends Error {}

function mayFall(point: string): void {
  if (!existsSync(file)) return;
  const count = calls.get(point) ?? 0;
  calls.set(point, count + 1);
  if (count % againEvery !== 0) return;
  appendFileSync(file, `${point}\n`);
  throw new Fallen(point);
}

/** The application's steps, each repeated where it failed, as the server would, without its second of waiting. */
export function createActivities(services: Services): ReturnType<typeof createReal> {
  const real = createReal(watchedPorts(services, mayFall));
  const again = (run: (input: never) => Promise<unknown>) => async (input: never) => {
    for (;;) {
      try {
        return await run(input);
      } catch (error) {
        if (!(error instanceof Fallen) && !((error as Error).cause instanceof Fallen)) throw error;
      }
    }
  };
  return Object.fromEntries(Object.entries(real).map(([name, run]) => [name, again(run)])) as unknown as typeof real;
}

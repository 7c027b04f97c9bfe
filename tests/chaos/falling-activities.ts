import { appendFileSync, existsSync } from 'node:fs';
import { Context } from '@temporalio/activity';
import { createActivities as createReal } from '#activities/index.ts';
import type { Services } from '#activities/ports/services.ts';

const ports = ['store', 'repositories', 'codeHost', 'sandbox', 'model', 'workflows', 'bus', 'embeddings'] as const;
/** Beside the first time, each so many calls of a point let the step fall again. */
const againEvery = 20;
const calls = new Map<string, number>();

/** They fall while it is there, each fall a line. */
const file = process.env.TEST_FALLEN_FILE as string;

class Fallen extends Error {}

/** The step falls once its call has done what it does: the effect is there, and the step knows nothing of it. */
function mayFall(called: string): void {
  if (!existsSync(file)) return;
  const point = `${Context.current().info.activityType} after ${called}`;
  const count = calls.get(point) ?? 0;
  calls.set(point, count + 1);
  if (count % againEvery !== 0) return;
  appendFileSync(file, `${point}\n`);
  throw new Fallen(point);
}

function falling<T extends object>(target: T, name: string): T {
  return new Proxy(target, {
    get(of, key) {
      const value: unknown = Reflect.get(of, key);
      const called = `${name}.${String(key)}`;
      if (typeof value !== 'function')
        return typeof value === 'object' && value !== null ? falling(value, called) : value;
      return (...args: unknown[]) => {
        const result: unknown = Reflect.apply(value, of, args);
        if (!(result instanceof Promise)) return result;
        return result.then((answer: unknown) => {
          mayFall(called);
          return answer;
        });
      };
    },
  });
}

/** The application's steps, each repeated where it failed, as the server would, without its second of waiting. */
export function createActivities(services: Services): ReturnType<typeof createReal> {
  const real = createReal({
    ...services,
    ...Object.fromEntries(ports.map((port) => [port, falling(services[port], port)])),
  });
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

import { Context } from '@temporalio/activity';
import type { Services } from '#activities/ports/services.ts';

const ports = ['store', 'repositories', 'codeHost', 'sandbox', 'model', 'workflows', 'bus', 'embeddings'] as const;

/** The services, and what comes right after each call that a step makes: the effect is there, and the step knows nothing of it. */
export function watchedPorts(services: Services, after: (point: string) => void | Promise<void>): Services {
  const told = (called: string) => after(`${Context.current().info.activityType} after ${called}`);
  function watched<T extends object>(target: T, name: string): T {
    return new Proxy(target, {
      get(of, key) {
        const value: unknown = Reflect.get(of, key);
        const called = `${name}.${String(key)}`;
        if (typeof value !== 'function')
          return typeof value === 'object' && value !== null ? watched(value, called) : value;
        return (...args: unknown[]) => {
          const result: unknown = Reflect.apply(value, of, args);
          if (!(result instanceof Promise)) return result;
          return result.then(async (answer: unknown) => {
            await told(called);
            return answer;
          });
        };
      },
    });
  }
  return { ...services, ...Object.fromEntries(ports.map((port) => [port, watched(services[port], port)])) };
}

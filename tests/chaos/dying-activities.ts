import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createActivities as createReal } from '#activities/index.ts';
import type { Services } from '#activities/ports/services.ts';
import { watchedPorts } from './watched-ports.ts';

/** The points at which the worker dies, each a line; and those at which it has died, after their times. */
const [wanted, reached] = (process.env.TEST_DEATHS_FILES as string).split(' ') as [string, string];
const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n').filter(Boolean);

async function mayDie(point: string): Promise<void> {
  const deaths = linesOf(reached).map((line) => /^(\d+) (.*)$/.exec(line)?.slice(1) ?? []);
  if (!linesOf(wanted).includes(point) || deaths.some(([, at]) => at === point)) return;
  // The supervisor gives up an application that dies more than five times within a minute.
  const fifth = Number(deaths.at(-5)?.[0] ?? 0);
  await sleep(Math.max(0, fifth + 62_000 - Date.now()));
  appendFileSync(reached, `${Date.now()} ${point}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** The application's steps, in a worker that dies once at each of these points. */
export const createActivities = (services: Services) => createReal(watchedPorts(services, mayDie));

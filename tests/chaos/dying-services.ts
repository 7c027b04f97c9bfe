import { existsSync, rmSync } from 'node:fs';
import type { Services } from '#activities/ports/services.ts';
import { createServices as createReal } from '#activities/services/index.ts';

/** The application dies where it is about to start a workflow, once for each time that the file is there. */
function dieOnce(): void {
  const file = process.env.TEST_DEATH_FILE as string;
  if (!existsSync(file)) return;
  rmSync(file);
  process.kill(process.pid, 'SIGKILL');
}

export async function createServices(...args: Parameters<typeof createReal>): Promise<Services> {
  const services = await createReal(...args);
  const { startSpec, startTicket, startQuestion } = services.workflows;
  const dying =
    <A extends unknown[], R>(start: (...args: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      dieOnce();
      return start(...given);
    };
  return {
    ...services,
    workflows: {
      ...services.workflows,
      startSpec: dying(startSpec),
      startTicket: dying(startTicket),
      startQuestion: dying(startQuestion),
    },
  };
}

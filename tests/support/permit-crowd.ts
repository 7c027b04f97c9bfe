import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelPermits } from '#activities/ports/model-permits.ts';

/** A wait that nothing ends. */
export const patient = () => ({ signal: new AbortController().signal, leave: new AbortController().signal });

/**
 * Has each process make many short calls of one provider at once.
 * @returns the most calls that were under way, and the calls in the order in which they got their permits.
 */
export async function permitCrowd(processes: ModelPermits[], organization_id: string, each: number) {
  let underWay = 0;
  let most = 0;
  const order: string[] = [];
  await Promise.all(
    processes.flatMap((permits, n) =>
      Array.from({ length: each }, async (_, i) => {
        const id = `call:${n}:${i}`;
        const permit = await permits.take({ id, provider: 'p', organization_id }, patient());
        order.push(id);
        underWay += 1;
        most = Math.max(most, underWay);
        await sleep(2);
        underWay -= 1;
        permit?.give();
      }),
    ),
  );
  return { most, order };
}

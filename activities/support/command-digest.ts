import { cutEnd, cutStart } from '#workflows/domain/text.ts';
import type { Services } from '../ports/services.ts';

/** The last commands of a run and what they printed, for a model that looks for a cause. */
export async function commandDigest(
  { store }: Pick<Services, 'store'>,
  run: Parameters<Services['store']['toolCalls']['commands']>[0],
): Promise<string> {
  const commands = await store.toolCalls.commands(run, 15);
  return commands
    .reverse()
    .map((call) => `$ ${cutStart(call.input, 300)}\n${cutEnd(call.result ?? '', 800)}`)
    .join('\n\n');
}

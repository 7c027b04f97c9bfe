import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import { ownerOf } from '#workflows/domain/tasks/ownership.ts';
import type { ToolContext } from '../support/tool.ts';
import { ToolFailure } from '../support/tool-failure.ts';

/**
 * What the reply to a change says where the file belongs to another task at work; '' where it does not.
 * @throws ToolFailure where the project refuses such a change.
 */
export async function ownershipWarning({ ownership }: ToolContext, path: string): Promise<string> {
  if (!ownership) return '';
  const { own, others } = await ownership.read();
  const owner = ownerOf(path, own, others);
  if (!owner) return '';
  const belongs = `${path} belongs to the task ${owner.key} (${oneLine(owner.title)}), whose agent is at work`;
  if (ownership.strict)
    throw new ToolFailure(
      'forbidden',
      `${belongs}. Nothing was written. Continue with other files; if the task cannot be done without this one, say why by ask_user.`,
    );
  return `\n${belongs}: change no more of it than your task needs.`;
}

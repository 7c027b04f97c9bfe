import { Sparkles } from 'lucide-react';
import { generateTitle } from '#server/contracts/tasks.ts';
import { useEvents } from '../../lib/live.tsx';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { IconButton } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { useToast } from '../toast.tsx';

/** Asks a model for another title of a task. The page that shows the task reloads when it comes. */
export function TitleButton({ task }: { task: { id: string; key: string } }) {
  const generate = useCommand(generateTitle);
  const lacks = useLacks('task:write');
  const toast = useToast();
  useEvents(({ type, entity, data }) => {
    if (type === 'task.title_kept' && entity.id === task.id)
      toast(`${task.key} keeps its title. ${String(data.reason)}`);
  });
  if (lacks) return null;
  const ask = async () => {
    if (await generate.run({ params: { id: task.id } })) toast(`A model is asked for a title of ${task.key}`);
  };
  return (
    <>
      <IconButton label={`Another title for ${task.key}`} disabled={generate.busy} onClick={() => void ask()}>
        <Sparkles aria-hidden className="size-3.5" />
      </IconButton>
      <CommandError error={generate.error} />
    </>
  );
}

import { EllipsisVertical } from 'lucide-react';
import { bumpTask } from '#server/contracts/task-timeouts.ts';
import { generateTitle } from '#server/contracts/tasks.ts';
import type { TaskLine } from '../../lib/lines.ts';
import { useEvents } from '../../lib/live.tsx';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { IconButton } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { Menu, MenuItem } from '../menu.tsx';
import { useToast } from '../toast.tsx';

/** What a person may do with one task. The page that shows the task reloads when something changes. */
export function TaskMenu({ task }: { task: TaskLine }) {
  const title = useCommand(generateTitle);
  const bump = useCommand(bumpTask);
  const lacks = useLacks('task:write');
  const toast = useToast();
  useEvents(({ type, entity, data }) => {
    if (type === 'task.title_kept' && entity.id === task.id)
      toast(`${task.key} keeps its title. ${String(data.reason)}`);
  });
  const input = { params: { id: task.id } };
  const say = (words: string) => (answer: unknown) => answer !== undefined && toast(words);
  return (
    <>
      <Menu
        trigger={
          <IconButton label={`More for ${task.key}`}>
            <EllipsisVertical aria-hidden className="size-4" />
          </IconButton>
        }
      >
        {task.status === 'pending' && (
          <MenuItem because={lacks} onSelect={() => void bump.run(input).then(say(`${task.key} starts now`))}>
            Start it now
          </MenuItem>
        )}
        <MenuItem
          because={lacks}
          onSelect={() => void title.run(input).then(say(`A model is asked for a title of ${task.key}`))}
        >
          Another title by a model
        </MenuItem>
      </Menu>
      <CommandError error={bump.error ?? title.error} />
    </>
  );
}

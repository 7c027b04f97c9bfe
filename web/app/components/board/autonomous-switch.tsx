import { useEffect, useState } from 'react';
import { updateProject } from '#server/contracts/projects.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { CommandError } from '../error-card.tsx';
import { Switch } from '../field.tsx';

/** Whether tasks of a project start by themselves. What is at work goes on. */
export function AutonomousSwitch({ project }: { project: { id: string; autonomous: boolean } }) {
  const lacks = useLacks('project:write');
  const update = useCommand(updateProject);
  /** What was chosen, until the page says it too. */
  const [wanted, setWanted] = useState<boolean>();
  useEffect(() => setWanted(undefined), [project.autonomous]);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Switch
        label="Tasks start by themselves"
        checked={wanted ?? project.autonomous}
        aria-busy={update.busy || undefined}
        disabled={Boolean(lacks) || update.busy}
        title={lacks}
        onChange={async (event) => {
          const autonomous_execution_enabled = event.target.checked;
          setWanted(autonomous_execution_enabled);
          if (!(await update.run({ params: { id: project.id }, body: { autonomous_execution_enabled } })))
            setWanted(undefined);
        }}
      />
      <CommandError error={update.error} />
    </div>
  );
}

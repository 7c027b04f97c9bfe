import { OctagonX, Square } from 'lucide-react';
import { useState } from 'react';
import type { z } from 'zod';
import { stopRun } from '#server/contracts/runs.ts';
import type { sandboxSchema } from '#server/contracts/sandboxes.ts';
import { failTask } from '#server/contracts/tasks.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { IconButton } from '../button.tsx';
import { CommandForm } from '../command-form.tsx';
import { AlertDialog, Dialog } from '../dialog.tsx';
import { Field, TextArea } from '../field.tsx';

export type SandboxRow = z.output<typeof sandboxSchema>;
export interface Ending {
  how: 'stop' | 'fail';
  row: SandboxRow;
}

const isAtWork = ({ status, run_id: run }: SandboxRow) => run !== null && ['running', 'validating'].includes(status);

/** The buttons that end the work of a row. */
export function SandboxActions({ row, onEnd }: { row: SandboxRow; onEnd: (ending: Ending) => void }) {
  const lacks = useLacks('task:write');
  if (!isAtWork(row) || lacks) return null;
  return (
    <span className="relative z-1 inline-flex">
      <IconButton label={`Stop ${row.key}`} onClick={() => onEnd({ how: 'stop', row })}>
        <Square aria-hidden className="size-4" />
      </IconButton>
      <IconButton label={`Mark ${row.key} as failed`} onClick={() => onEnd({ how: 'fail', row })}>
        <OctagonX aria-hidden className="size-4" />
      </IconButton>
    </span>
  );
}

/** Asks before the work of a sandbox is ended. A person who marks it as failed says why. */
export function EndSandbox({ ending: { how, row }, onClose }: { ending: Ending; onClose: () => void }) {
  const stop = useCommand(stopRun);
  const fail = useCommand(failTask);
  const [reason, setReason] = useState('');
  if (how === 'stop')
    return (
      <AlertDialog
        open
        onClose={onClose}
        title={`Stop ${row.key}?`}
        keep="Keep it running"
        act="Stop the run"
        busy={stop.busy}
        error={stop.error}
        onAct={async () => {
          if (await stop.run({ params: { id: row.run_id ?? '' }, body: {} })) onClose();
        }}
      >
        The run ends and keeps its changes. You can retry its task later.
      </AlertDialog>
    );
  return (
    <Dialog open onClose={onClose} title={`Mark ${row.key} as failed`}>
      <CommandForm
        command={fail}
        act="Mark as failed"
        look="danger"
        disabled={reason.trim() === ''}
        onCancel={onClose}
        onSubmit={async () => {
          if (await fail.run({ params: { id: row.id }, body: { reason: reason.trim() } })) onClose();
        }}
      >
        <Field label="Reason" hint="It is shown with the task. The run stops, and the task waits for a retry.">
          <TextArea
            required
            rows={3}
            maxLength={2000}
            autoFocus
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
      </CommandForm>
    </Dialog>
  );
}

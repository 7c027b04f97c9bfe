import { useNavigate } from '@remix-run/react';
import { useState } from 'react';
import type { Answer } from '#server/contracts/client.ts';
import {
  clearAgent,
  quarantineAgent,
  restartAgent,
  setAvailability,
  terminateAgent,
  type registerAgent,
} from '#server/contracts/agents.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandForm } from '../command-form.tsx';
import { AlertDialog, Dialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, TextArea } from '../field.tsx';

type Shown = Pick<Answer<typeof registerAgent>, 'id' | 'name' | 'status' | 'available'>;

/** What a person may do to an agent. Its tasks go back to the queue, or on to its replacement. */
export function AgentActions({ agent }: { agent: Shown }) {
  const [asking, setAsking] = useState<'restart' | 'quarantine' | 'clear' | 'end'>();
  const [reason, setReason] = useState('');
  const availability = useCommand(setAvailability);
  const restart = useCommand(restartAgent);
  const quarantine = useCommand(quarantineAgent);
  const clear = useCommand(clearAgent);
  const end = useCommand(terminateAgent);
  const navigate = useNavigate();
  const lacks = useLacks('agent:write');
  if (lacks || agent.status === 'terminated') return null;
  const params = { id: agent.id };
  const close = () => {
    setAsking(undefined);
    setReason('');
  };
  return (
    <>
      <CommandError error={availability.error} />
      <Button
        busy={availability.busy}
        onClick={() => void availability.run({ params, body: { available: !agent.available } })}
      >
        {agent.available ? 'Take no new tasks' : 'Take tasks again'}
      </Button>
      <Button onClick={() => setAsking('restart')}>Restart</Button>
      {agent.status === 'quarantined' && <Button onClick={() => setAsking('clear')}>Let out of quarantine</Button>}
      {agent.status !== 'quarantined' && agent.status !== 'spawning' && (
        <Button onClick={() => setAsking('quarantine')}>Quarantine</Button>
      )}
      <Button look="danger" onClick={() => setAsking('end')}>
        End
      </Button>
      {asking === 'restart' && (
        <AlertDialog
          open
          onClose={close}
          title={`Restart ${agent.name}?`}
          keep="Leave it"
          act="Restart the agent"
          busy={restart.busy}
          error={restart.error}
          onAct={async () => {
            const next = await restart.run({ params, body: { reason: 'Restarted by hand.', force: true } });
            if (next) void navigate(`/agents/${next.id}`);
            if (next) close();
          }}
        >
          An agent of the same kind takes its place. Its tasks go on from their last checkpoints.
        </AlertDialog>
      )}
      {asking === 'end' && (
        <AlertDialog
          open
          onClose={close}
          title={`End ${agent.name}?`}
          keep="Leave it"
          act="End the agent"
          busy={end.busy}
          error={end.error}
          onAct={async () => {
            if (await end.run({ params, body: {} })) close();
          }}
        >
          It takes no more work, for good. Its tasks go back to the queue.
        </AlertDialog>
      )}
      {asking === 'clear' && (
        <Dialog open onClose={close} title={`Let ${agent.name} out of quarantine`}>
          <CommandForm
            command={clear}
            act="Let it out"
            disabled={reason.trim() === ''}
            onCancel={close}
            onSubmit={async () => {
              if (await clear.run({ params, body: { evidence: reason.trim() } })) close();
            }}
          >
            <Field label="What speaks for it" hint="One that runs elsewhere must have sent a heartbeat since.">
              <TextArea
                required
                rows={3}
                maxLength={20000}
                value={reason}
                onChange={(e) => setReason(e.target.value)}
              />
            </Field>
          </CommandForm>
        </Dialog>
      )}
      {asking === 'quarantine' && (
        <Dialog open onClose={close} title={`Put ${agent.name} into quarantine`}>
          <CommandForm
            command={quarantine}
            act="Put into quarantine"
            look="danger"
            disabled={reason.trim() === ''}
            onCancel={close}
            onSubmit={async () => {
              if (await quarantine.run({ params, body: { reason: reason.trim() } })) close();
            }}
          >
            <Field label="Reason" hint="It takes no work, and what is known of it is kept.">
              <TextArea required rows={3} maxLength={2000} value={reason} onChange={(e) => setReason(e.target.value)} />
            </Field>
          </CommandForm>
        </Dialog>
      )}
    </>
  );
}

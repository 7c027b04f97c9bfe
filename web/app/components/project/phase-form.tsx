import { useState } from 'react';
import type { Answer } from '#server/contracts/client.ts';
import { putPhase, removePhase, type getPhase } from '#server/contracts/board-phases.ts';
import { fixedPhases } from '#workflows/domain/tasks/board-phases.ts';
import { doneText, outputText, phaseOf } from '../../lib/phase-lines.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandForm } from '../command-form.tsx';
import { CommandError } from '../error-card.tsx';
import { Checkbox, Field, Select, TextArea, TextInput } from '../field.tsx';

type Phase = Answer<typeof getPhase>;

const statuses = ['backlog', 'analyzing', 'building', 'testing', 'deploying'];

interface Of {
  projectId: string;
  phases: Phase[];
  /** Absent: a new phase. */
  phase?: Phase;
  onSaved?: () => void;
}

/** What a phase of tickets asks for, and where its tickets go on to. */
export function PhaseForm({ projectId, phases, phase, onSaved }: Of) {
  const lacks = useLacks('project:safety:write');
  const [save, remove] = [useCommand(putPhase), useCommand(removePhase)];
  const [id, setId] = useState(phase?.id ?? 'PHASE_');
  const fixed = fixedPhases.includes(id);
  const submit = async (form: FormData) => {
    const { allowed_transitions, ...rest } = phaseOf(form);
    const done = await save.run({
      params: { phase_id: id.trim() },
      query: { project_id: projectId },
      body: {
        ...rest,
        ...(fixed ? {} : { allowed_transitions }),
        ...(phase ? {} : { status: String(form.get('status')) }),
      },
    });
    if (done) onSaved?.();
    return done;
  };
  return (
    <CommandForm
      command={save}
      act={phase ? 'Save the phase' : 'Add the phase'}
      saved="Phase saved"
      because={lacks}
      buttonAt="start"
      onSubmit={submit}
    >
      <fieldset disabled={Boolean(lacks)} className="space-y-3">
        <legend className="sr-only">{phase?.name ?? 'New phase'}</legend>
        {!phase && (
          <>
            <Field label="Id" hint="PHASE_ and then capital letters, digits or _.">
              <TextInput required className="figures" value={id} onChange={(event) => setId(event.target.value)} />
            </Field>
            <Field label="Status of its tickets">
              <Select name="status" defaultValue="testing">
                {statuses.map((status) => (
                  <option key={status}>{status}</option>
                ))}
              </Select>
            </Field>
          </>
        )}
        <Field label="Name">
          <TextInput name="name" required maxLength={60} defaultValue={phase?.name} />
        </Field>
        <Field label="Place in the order">
          <TextInput
            name="sequence_order"
            type="number"
            min={0}
            max={1000}
            required
            className="figures !w-28"
            defaultValue={phase?.sequence_order ?? phases.length}
          />
        </Field>
        <Field
          label="Done means"
          hint="One line each: TEXT | RULE. Begin with [optional] what closes no gate while nobody has shown it."
        >
          <TextArea name="done" rows={4} defaultValue={doneText(phase?.done_definitions ?? [])} />
        </Field>
        <Field
          label="Outputs"
          hint="One line each: type at PLACE | RULE, such as: code_changes | has_tests and test_coverage >= 80"
        >
          <TextArea name="outputs" rows={3} defaultValue={outputText(phase?.expected_outputs ?? [])} />
        </Field>
        <Field label="Prompt of its first task">
          <TextArea name="phase_prompt" rows={3} maxLength={10_000} defaultValue={phase?.phase_prompt} />
        </Field>
        <Field label="What comes next" hint="One line each.">
          <TextArea name="guide" rows={2} defaultValue={phase?.next_steps_guide.join('\n')} />
        </Field>
        <Field label="Seconds of its first task" hint="Empty: without a limit.">
          <TextInput
            name="timeout_seconds"
            type="number"
            min={1}
            className="figures !w-28"
            defaultValue={phase?.timeout_seconds ?? ''}
          />
        </Field>
        <Field label="Retries of its first task" hint="Empty: as for all tasks.">
          <TextInput
            name="max_retries"
            type="number"
            min={0}
            max={20}
            className="figures !w-28"
            defaultValue={phase?.max_retries ?? ''}
          />
        </Field>
      </fieldset>
      {!fixed && (
        <fieldset disabled={Boolean(lacks)} className="grid gap-1 text-sm">
          <legend className="mb-1 text-xs text-muted">Its tickets may go to</legend>
          {phases
            .filter((other) => other.id !== id)
            .map((other) => (
              <Checkbox
                key={other.id}
                name="next"
                value={other.id}
                label={other.name}
                defaultChecked={phase?.allowed_transitions.includes(other.id) ?? other.id === 'PHASE_DONE'}
              />
            ))}
        </fieldset>
      )}
      {phase?.own && (
        <div className="space-y-2">
          <Button
            size="sm"
            look="danger"
            busy={remove.busy}
            because={lacks}
            onClick={() => void remove.run({ params: { phase_id: phase.id }, query: { project_id: projectId } })}
          >
            Take the definition away
          </Button>
          <CommandError error={remove.error} />
        </div>
      )}
    </CommandForm>
  );
}

import { useState } from 'react';
import { restoreVersion, versionDifference } from '#server/contracts/gate-edits.ts';
import { phaseName, phaseTitle, type PhaseId } from '#workflows/domain/phases/names.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';
import { staleVersion } from '../../lib/stale-version.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useAnswer } from '../../lib/use-answer.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { AlertDialog } from '../dialog.tsx';
import { PatchView } from '../diff/patch-view.tsx';
import { CommandError } from '../error-card.tsx';
import { Ago } from '../time.tsx';
import { useToast } from '../toast.tsx';

export interface Version {
  number: number;
  change_type: string;
  details: unknown;
  actor: string | null;
  created_at: string;
  /** The phases whose output it has. */
  phases: string[];
}

/** The versions of a spec. The phase that waits at its gate can be given the output of an earlier one. */
export function Versions({ page: { spec, phases }, versions }: { page: SpecPage; versions: Version[] }) {
  const lacks = useLacks('document:write', spec.organization_id);
  const [chosen, setChosen] = useState<Version>();
  const restore = useCommand(restoreVersion);
  const toast = useToast();
  const gate = phases.find(({ at_gate: atGate }) => atGate)?.phase;
  const phase = phaseName(gate ?? '')?.id;
  const name = phaseTitle(gate ?? '').toLowerCase();
  const back = (number: number, version: number) =>
    restore.run({ params: { id: spec.id, number: String(number) }, body: { version } });
  return (
    <Card title="Versions" flush>
      <ol className="divide-y">
        {versions.map((version) => (
          <li key={version.number} className="flex items-center gap-3 px-4 py-2 text-sm">
            <span className="figures w-8 text-muted">{version.number}</span>
            <span className="min-w-0 flex-1 break-words">{versionWords(version)}</span>
            {gate && version.number !== spec.version && version.phases.includes(gate) && (
              <Button
                size="sm"
                because={lacks}
                aria-label={`Restore the ${name} of version ${version.number}`}
                onClick={() => {
                  restore.clear();
                  setChosen(version);
                }}
              >
                Restore
              </Button>
            )}
            <Ago at={version.created_at} className="text-xs text-muted" />
          </li>
        ))}
      </ol>
      <AlertDialog
        open={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title={`Restore the ${name} of version ${chosen?.number ?? ''}?`}
        keep="Keep the newest"
        wide
        act="Restore"
        busy={restore.busy}
        error={restore.error}
        onAct={async () => {
          if (!chosen) return;
          const before = spec.version;
          const answer = await back(chosen.number, before);
          if (!answer) return;
          setChosen(undefined);
          toast(`The ${name} of version ${chosen.number} is restored`, () => void back(before, answer.version));
        }}
      >
        {chosen && phase && <Difference id={spec.id} number={chosen.number} phase={phase} from={spec.version} />}
        {staleVersion(restore.error) === undefined
          ? `The gate then decides about it. The newest one stays as version ${spec.version}.`
          : 'Another person has changed the spec meanwhile. Look at the newest version before you restore this one.'}
      </AlertDialog>
    </Card>
  );
}

/** What restoring a version changes. */
function Difference({ id, number, phase, from }: { id: string; number: number; phase: PhaseId; from: number }) {
  const { answer, error } = useAnswer(versionDifference, {
    params: { id, number: String(number) },
    query: { from: String(from), phase },
  });
  if (error) return <CommandError error={error} />;
  if (!answer) return <p role="status">Compares the versions.</p>;
  return (
    <div role="region" aria-label="What changes" tabIndex={0} className="mb-3 max-h-[50vh] overflow-y-auto text-text">
      {answer.patch === '' ? (
        <p>Nothing differs from the newest version.</p>
      ) : (
        <PatchView patch={answer.patch} truncated={false} />
      )}
    </div>
  );
}

function versionWords({ change_type: type, details }: Version): string {
  const { phase, action, id } = (details ?? {}) as { phase?: string | { new?: string }; action?: string; id?: string };
  const name = phaseTitle(typeof phase === 'string' ? phase : (phase?.new ?? ''));
  if (type === 'created') return 'Created';
  if (type === 'updated') return `${id ?? name} ${action ?? 'changed'} by hand`;
  if (type === 'phase_changed') return action ? `${name}: ${action.replace('_', ' ')}` : `${name} passed`;
  return type.replace(/_/g, ' ');
}

import { Stethoscope } from 'lucide-react';
import type { Item } from '#server/contracts/client.ts';
import { resetDiagnostics, triggerDiagnostic, type listDiagnostics } from '#server/contracts/diagnostic.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { Fold } from '../fold.tsx';
import { Ago } from '../time.tsx';

type Run = Item<typeof listDiagnostics>;

/** Why the ticket does not move, as the newest diagnosis says, and what it began. */
export function Diagnosis(props: { ticketId: string; diagnoses: Run[]; failed: boolean; names: Map<string, string> }) {
  const { ticketId, diagnoses, failed, names } = props;
  const lacks = useLacks('ticket:write');
  const trigger = useCommand(triggerDiagnostic);
  const reset = useCommand(resetDiagnostics);
  const [newest] = diagnoses;
  if (!newest && !failed) return null;
  const { diagnosis } = newest ?? { diagnosis: null };
  const params = { params: { id: ticketId } };
  return (
    <Card title="Diagnosis" aside={newest && <Ago at={newest.created_at} />}>
      <div className="space-y-3 text-sm">
        {newest?.status === 'running' && <p>A model looks for the cause.</p>}
        {diagnosis && (
          <>
            <p>
              <Badge>{diagnosis.cause}</Badge> {diagnosis.root_cause}
            </p>
            {diagnosis.recommendations.length > 0 && (
              <ol className="list-decimal space-y-1 pl-5">
                {diagnosis.recommendations.map(({ description, priority, estimated_effort: effort }) => (
                  <li key={description}>
                    {description}{' '}
                    <span className="text-muted">
                      {priority.toLowerCase()}, effort {effort}
                    </span>
                  </li>
                ))}
              </ol>
            )}
            {diagnosis.hypotheses.length > 0 && (
              <Fold summary={`${diagnosis.hypotheses.length} hypotheses`} summaryClass="cursor-pointer text-muted">
                {() => (
                  <ul className="space-y-2">
                    {diagnosis.hypotheses.map(
                      ({ statement, likelihood, supporting_evidence: shows, counterpoints }) => (
                        <li key={statement}>
                          {statement} <span className="text-muted">{Math.round(likelihood * 100)} % likely</span>
                          <ul className="list-disc pl-5 text-muted">
                            {shows.map((text) => (
                              <li key={`for ${text}`}>For it: {text}</li>
                            ))}
                            {counterpoints.map((text) => (
                              <li key={`against ${text}`}>Against it: {text}</li>
                            ))}
                          </ul>
                        </li>
                      ),
                    )}
                  </ul>
                )}
              </Fold>
            )}
          </>
        )}
        {newest?.tasks_created_ids.map((id) => (
          <p key={id}>{names.get(id) ?? 'A task'} does what it recommends first.</p>
        ))}
        {newest?.reason && <p className="text-muted">{newest.reason}</p>}
        {failed && (
          <div className="flex flex-wrap items-center gap-3">
            <Button size="sm" busy={trigger.busy} because={lacks} onClick={() => void trigger.run(params)}>
              <Stethoscope aria-hidden className="size-3.5" /> {newest ? 'Diagnose again' : 'Find the cause'}
            </Button>
            {trigger.error && diagnoses.length > 0 && (
              <Button size="sm" busy={reset.busy} because={lacks} onClick={() => void reset.run(params)}>
                Count from zero
              </Button>
            )}
            <CommandError error={trigger.error ?? reset.error} />
          </div>
        )}
      </div>
    </Card>
  );
}

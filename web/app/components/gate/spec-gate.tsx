import { phaseTitle } from '#workflows/domain/phases/names.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';
import { Card } from '../card.tsx';
import { AttemptList } from '../spec/attempt-list.tsx';
import { Criteria } from '../spec/criteria.tsx';
import { GatePanel } from '../spec/gate-panel.tsx';
import { QuestionsCard } from '../spec/questions-card.tsx';
import { SpecTab } from '../spec/spec-tab.tsx';

/** The gate of a phase of a plan: the decision, what it is judged by, and what it has brought, to be changed in place. */
export function SpecGate({ page }: { page: SpecPage }) {
  const { spec, phases } = page;
  const phase = phases.find(({ at_gate: atGate }) => atGate) ?? phases.find((one) => one.phase === spec.current_phase);
  const newest = phase?.attempts.at(-1);
  return (
    <>
      {phase?.at_gate && <GatePanel spec={spec} phase={phase} evaluated={false} />}
      <QuestionsCard page={page} />
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[22rem_minmax(0,1fr)]">
        <div className="min-w-0 space-y-4">
          {newest && (
            <Card title="Checklist">
              <Criteria attempt={newest} />
            </Card>
          )}
          {phase && phase.attempts.length > 0 && (
            <Card title={`Attempts at ${phaseTitle(phase.phase)}`} flush>
              <AttemptList specId={spec.id} phase={phase} />
            </Card>
          )}
        </div>
        <section aria-label={`What ${phaseTitle(phase?.phase ?? '')} has brought`} className="min-w-0 space-y-4">
          <SpecTab page={page} />
        </section>
      </div>
    </>
  );
}

import { phaseTitle } from '#workflows/domain/phases/names.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';
import { StatusBadge } from '../badge.tsx';
import { Card } from '../card.tsx';
import { AttemptList } from './attempt-list.tsx';
import { Versions, type Version } from './versions.tsx';

/** Every attempt of every phase with its evaluation, and the versions of the spec. */
export function AttemptsTab({ page, versions }: { page: SpecPage; versions: Version[] }) {
  return (
    <div className="space-y-4">
      {page.phases
        .filter((phase) => phase.attempts.length > 0)
        .map((phase) => (
          <Card
            key={phase.phase}
            title={phaseTitle(phase.phase)}
            flush
            aside={<StatusBadge status={phase.at_gate ? 'waiting' : phase.status} />}
          >
            <AttemptList specId={page.spec.id} phase={phase} />
          </Card>
        ))}
      <Versions page={page} versions={versions} />
    </div>
  );
}

import { useState } from 'react';
import { transitionPhase, validateGate } from '#server/contracts/gates.ts';
import { changedLines } from '../../lib/gate-changes.ts';
import type { TicketPage } from '../../lib/ticket-page.server.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { Fold } from '../fold.tsx';
import { TextInput } from '../field.tsx';
import { Ago } from '../time.tsx';
import { FixButton } from './fix-button.tsx';

type Checklist = TicketPage['gate']['checklist'];
const tones = { met: 'good', failed: 'bad', unverified: 'warn' } as const;
const words = { none: 'no gate', passed: 'open', failed: 'closed' };

const Lines = ({ checklist }: { checklist: Checklist }) => (
  <ul className="divide-y rounded-md border text-sm" aria-label="Checklist">
    {checklist.map((line) => (
      <li key={line.text} className="grid gap-x-3 gap-y-1 px-3 py-2 md:grid-cols-2">
        <span className="flex flex-wrap items-center gap-2">
          <Badge tone={tones[line.verdict]}>{line.verdict}</Badge>
          <span className="min-w-0 break-words">{line.text}</span>
          {!line.required && <span className="text-xs text-muted">not required</span>}
        </span>
        <span className="min-w-0 text-muted break-words">
          {line.evidence}
          {line.source && ` (${line.source})`}
        </span>
      </li>
    ))}
  </ul>
);

/** The gate of a ticket's phase: what it asks for, what shows it, and the decisions that a person may take. */
export function TicketGate({ page }: { page: TicketPage }) {
  const { gate, results, phases, details } = page;
  const { ticket } = details;
  const lacks = useLacks('ticket:write');
  const lacksForce = useLacks('project:safety:write');
  const [why, setWhy] = useState('');
  const [move, judge] = [useCommand(transitionPhase), useCommand(validateGate)];
  const busy = move.busy || judge.busy;
  const reason = why.trim() || undefined;
  const nameOf = (id: string) => phases.find((phase) => phase.id === id)?.name ?? id;
  const orderOf = (id: string) => phases.find((phase) => phase.id === id)?.sequence_order ?? 0;
  const closed = gate.gate_status === 'failed';
  const next = gate.next_phases.filter(({ id }) => id !== 'PHASE_BLOCKED');
  const go = (to_phase: string, force: boolean) =>
    void move
      .run({ params: { id: ticket.id }, body: { to_phase, reason, force } })
      .then((answer) => answer && setWhy(''));
  return (
    <Card
      title={`Gate of ${nameOf(gate.phase_id)}`}
      aside={
        <Badge tone={closed ? 'bad' : gate.gate_status === 'passed' ? 'good' : 'neutral'}>
          {words[gate.gate_status]}
        </Badge>
      }
    >
      <div className="space-y-3">
        {gate.checklist.length > 0 && <Lines checklist={gate.checklist} />}
        {gate.checklist.length === 0 && <p className="text-sm text-muted">This phase asks for nothing.</p>}
        {next.length > 0 && (
          <div className="flex flex-wrap items-center gap-2">
            <TextInput
              aria-label="Reason of the decision"
              placeholder="Reason"
              maxLength={2000}
              value={why}
              onChange={(event) => setWhy(event.target.value)}
              className="!h-8 !w-48"
            />
            {next.map(({ id, name }) => {
              const forces = closed && orderOf(id) >= orderOf(gate.phase_id);
              const because = forces
                ? (lacksForce ?? (reason ? undefined : 'Write the reason first: the gate is closed.'))
                : lacks;
              return (
                <Button key={id} size="sm" busy={busy} because={because} onClick={() => go(id, forces)}>
                  {forces
                    ? `To ${name} anyway`
                    : orderOf(id) < orderOf(gate.phase_id)
                      ? `Back to ${name}`
                      : `To ${name}`}
                </Button>
              );
            })}
            {gate.gate_status !== 'none' && (
              <Button
                size="sm"
                busy={busy}
                because={lacks}
                onClick={() => void judge.run({ params: { id: ticket.id } })}
              >
                Judge and keep
              </Button>
            )}
          </div>
        )}
        {closed && (
          <div className="flex flex-wrap items-center gap-2">
            <FixButton ticketId={ticket.id} check="gate" />
          </div>
        )}
        <CommandError error={move.error ?? judge.error} />
        {results.length > 0 && (
          <ul className="space-y-2" aria-label="Decisions">
            {results.map((result, i) => {
              const before = results.slice(i + 1).find((one) => one.phase_id === result.phase_id);
              return (
                <li key={result.id} className="text-sm">
                  <Fold
                    summaryClass="cursor-pointer"
                    summary={
                      <span className="flex flex-wrap items-center gap-2">
                        <Badge tone={result.decision === 'overridden' ? 'warn' : 'neutral'}>{result.decision}</Badge>
                        {nameOf(result.phase_id)}, attempt {result.attempt}: {words[result.gate_status]}
                        <span className="text-xs text-muted">
                          {result.decided_by}, <Ago at={result.created_at} />
                        </span>
                      </span>
                    }
                  >
                    {() => (
                      <div className="mt-2">
                        {before ? (
                          <Difference after={result.checklist} before={before.checklist} />
                        ) : (
                          <Lines checklist={result.checklist} />
                        )}
                      </div>
                    )}
                  </Fold>
                  {result.reason && <p className="mt-1 break-words text-soft">{result.reason}</p>}
                </li>
              );
            })}
          </ul>
        )}
      </div>
    </Card>
  );
}

/** What a later judgement saw otherwise than the one before. */
function Difference({ after, before }: { after: Checklist; before: Checklist }) {
  const changed = changedLines(after, before);
  if (changed.length === 0) return <p className="text-muted">Nothing differs from the attempt before.</p>;
  return (
    <ul className="divide-y rounded-md border" aria-label="Difference from the attempt before">
      {changed.map(({ text, before: was, after: is }) => (
        <li key={text} className="px-3 py-2">
          <p>{text}</p>
          <p className="text-muted">
            <del>{was ? `${was.verdict}: ${was.evidence}` : 'not asked for'}</del>
          </p>
          <p>
            <ins className="no-underline">{is ? `${is.verdict}: ${is.evidence}` : 'no longer asked for'}</ins>
          </p>
        </li>
      ))}
    </ul>
  );
}

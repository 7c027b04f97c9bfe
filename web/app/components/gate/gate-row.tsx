import { Link } from '@remix-run/react';
import { ArrowRight } from 'lucide-react';
import type { Answer } from '#server/contracts/client.ts';
import type { listGates } from '#server/contracts/gate-queue.ts';
import { answerItem } from '#server/contracts/inbox.ts';
import { plural } from '../../lib/format.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Badge } from '../badge.tsx';
import { Button, ButtonLink } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { Elapsed, Exact } from '../time.tsx';

export type Gate = Answer<typeof listGates>['items'][number];

const tones = { passed: 'good', failed: 'bad', open: 'neutral' } as const;
const words = { passed: 'met', failed: 'not met', open: 'for a person' } as const;
/** The permission of the call that an approval stands for. */
const permissions = { phase: 'document:write', approval: 'ticket:write', ticket: 'ticket:write' } as const;

/** A gate that waits for a person. One that is not met is decided on its page, with a reason. */
export function GateRow({ gate, project }: { gate: Gate; project: string }) {
  const approve = useCommand(answerItem);
  const lacks = useLacks(permissions[gate.kind]);
  const { inbox_id: inboxId, verdict } = gate;
  const page = `/gates/${gate.id}`;
  return (
    <li className="space-y-2 px-4 py-3" aria-label={gate.title}>
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <Link to={page} data-row className="font-medium break-words hover:underline">
            {gate.title}
          </Link>
          <p className="mt-0.5 flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-soft">
            {gate.from}
            <ArrowRight aria-label="to" className="size-3.5 text-muted" />
            {gate.to ?? 'a phase of your choice'}
            <Badge tone={tones[verdict]}>{words[verdict]}</Badge>
            {gate.score !== null && <span className="figures text-xs">{gate.score.toFixed(2)}</span>}
          </p>
          {gate.reasons.length > 0 && (
            <ul className="mt-1 list-disc space-y-0.5 pl-5 text-sm break-words text-soft">
              {gate.reasons.slice(0, 3).map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          )}
          <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
            <span>{project}</span>
            <span>
              waits for <Elapsed from={gate.since} />
            </span>
            {gate.blocks > 0 && <span>blocks {plural(gate.blocks, 'task')}</span>}
            {gate.decides_at && (
              <span className="text-warn">
                until <Exact at={gate.decides_at} />. {gate.then}
              </span>
            )}
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          {inboxId && verdict !== 'failed' && (
            <Button
              size="sm"
              look="primary"
              busy={approve.busy}
              because={lacks}
              onClick={() => void approve.run({ params: { id: inboxId }, body: { action: 'approve' } })}
            >
              Approve
            </Button>
          )}
          <ButtonLink size="sm" to={page}>
            Open
          </ButtonLink>
        </div>
      </div>
      <CommandError error={approve.error} />
    </li>
  );
}

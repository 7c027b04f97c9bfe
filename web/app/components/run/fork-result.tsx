import { useNavigate } from '@remix-run/react';
import { GitCompare, GitMerge } from 'lucide-react';
import { useState } from 'react';
import type { Answer } from '#server/contracts/client.ts';
import { adoptRun, compareRuns } from '#server/contracts/runs.ts';
import { money } from '../../lib/format.ts';
import { useCommand } from '../../lib/use-command.ts';
import type { RunStream } from '../../lib/use-run-stream.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';

type Run = RunStream['run'];
type Comparison = Answer<typeof compareRuns>;

/** Compares a fork with its original, and adopts its work. Nothing for a run that is not a fork. */
export function ForkResult({ run }: { run: Run }) {
  const lacks = useLacks('task:write');
  const navigate = useNavigate();
  const adopt = useCommand(adoptRun);
  const compare = useCommand(compareRuns);
  const [found, setFound] = useState<Comparison>();
  if (!run.forked_from) return null;
  const params = { id: run.forked_from.run_id };
  const waits = run.status === 'completed' ? undefined : 'Only the accepted work of a completed fork can be adopted.';
  return (
    <>
      <Button
        busy={compare.busy}
        onClick={async () => setFound((await compare.run({ params, query: { with: run.id } })) ?? undefined)}
      >
        <GitCompare aria-hidden className="size-4" /> Compare
      </Button>
      {run.kind === 'task' && (
        <Button
          busy={adopt.busy}
          because={lacks ?? waits}
          onClick={async () => {
            const taken = await adopt.run({ params: { id: run.id } });
            if (taken) navigate(`/tickets/${taken.ticket_id}`);
          }}
        >
          <GitMerge aria-hidden className="size-4" /> Adopt
        </Button>
      )}
      <CommandError error={compare.error ?? adopt.error} />
      <Dialog open={found !== undefined} onClose={() => setFound(undefined)} title="Original and fork">
        {found && <Figures found={found} />}
      </Dialog>
    </>
  );
}

const rows: [string, (run: Comparison['runs'][number]) => string][] = [
  ['Status', (run) => run.status],
  ['Check', ({ check_passed: passed }) => (passed === null ? '–' : passed ? 'passed' : 'failed')],
  ['Turns', (run) => String(run.turn)],
  ['Cost', (run) => money(run.cost_micros)],
  ['Files', (run) => `${run.files.length} (+${run.lines_added} −${run.lines_removed})`],
];

function Figures({ found: { runs, between } }: { found: Comparison }) {
  return (
    <div className="space-y-3 text-sm">
      <table className="w-full text-left">
        <thead>
          <tr>
            <td />
            <th scope="col">Original</th>
            <th scope="col">Fork</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, show]) => (
            <tr key={name} className="border-t">
              <th scope="row" className="py-1.5 font-normal text-muted">
                {name}
              </th>
              {runs.map((run) => (
                <td key={run.id} className="figures">
                  {show(run)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="text-muted">{between.files.length === 0 ? 'Their files are equal.' : 'Different in the fork:'}</p>
      <ul className="max-h-60 overflow-auto">
        {between.files.map((file) => (
          <li key={file.path} className="break-all">
            {file.change_type} <code>{file.path}</code> +{file.lines_added} −{file.lines_removed}
          </li>
        ))}
      </ul>
    </div>
  );
}

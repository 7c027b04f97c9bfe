import type { z } from 'zod';
import { surveyProject, type environmentSchema } from '#server/contracts/environment.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { StatusBadge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { Fold } from '../fold.tsx';
import { RetryingNotice } from '../retrying-notice.tsx';
import { Ago } from '../time.tsx';

type EnvironmentView = z.output<typeof environmentSchema>;
type Root = EnvironmentView['roots'][number];
type Check = Root['checks'][number];

const shownTests = 50;
const summary = 'flex min-h-8 cursor-pointer flex-wrap items-center gap-x-2 gap-y-1 text-sm hover:bg-hover';

const seconds = (ms: number | null) => (ms === null ? null : `${(ms / 1000).toFixed(1)} s`);

function Tests({ label, ids }: { label: string; ids: string[] }) {
  if (ids.length === 0) return null;
  return (
    <div className="mt-1">
      <h4 className="text-xs font-medium text-muted">{label}</h4>
      <ul className="figures text-xs break-all">
        {ids.slice(0, shownTests).map((id) => (
          <li key={id}>{id}</li>
        ))}
        {ids.length > shownTests && <li>and {ids.length - shownTests} more</li>}
      </ul>
    </div>
  );
}

const Log = ({ text }: { text: string }) =>
  text ? <pre className="mt-1 max-h-72 overflow-auto rounded-sm bg-subtle p-2 text-xs">{text}</pre> : null;

/** The words about a check that its badge does not have. */
function aboutCheck(check: Check): string {
  const parts = [
    check.tests === null ? null : `${check.tests} tests`,
    check.failing_tests.length > 0 ? `${check.failing_tests.length} failing` : null,
    check.flaky_tests.length > 0 ? `${check.flaky_tests.length} flaky` : null,
    seconds(check.duration_ms),
  ];
  return parts.filter(Boolean).join(', ');
}

/** The tools that the repository asks for, and what the sandbox has. */
const aboutTools = (tools: Root['tools']) =>
  tools
    .map(
      ({ tool, version, found, source }) =>
        `${tool} ${found ?? 'is not there'}, ${version ? `${version} is asked for` : 'asked for'} in ${source.file}`,
    )
    .join('; ');

function RootPart({ root, named }: { root: Root; named: boolean }) {
  return (
    <section className="space-y-1 px-4 py-3">
      {named && (
        <h3 className="text-sm font-medium break-all">
          {root.path || 'Top of the repository'} <span className="text-xs text-muted">{root.kind}</span>
        </h3>
      )}
      {root.setup.map((command) => {
        const step = root.setup_steps.find((other) => other.command === command);
        const state = !step ? 'not_run' : step.exit_code === 0 ? 'passed' : 'failed';
        return (
          <Fold
            key={command}
            summaryClass={summary}
            summary={
              <>
                <StatusBadge status={state} />
                <code className="min-w-0 break-all">{command}</code>
                <span className="text-xs text-muted">set-up{step ? `, ${seconds(step.duration_ms)}` : ''}</span>
              </>
            }
          >
            {() => <Log text={step?.log ?? 'It was not run.'} />}
          </Fold>
        );
      })}
      {root.checks.map((check) => (
        <Fold
          key={check.command}
          summaryClass={summary}
          summary={
            <>
              <StatusBadge status={check.state} />
              <code className="min-w-0 break-all">{check.command}</code>
              <span className="text-xs text-muted">{aboutCheck(check)}</span>
            </>
          }
        >
          {() => (
            <>
              <p className="text-xs text-muted">
                {check.source
                  ? `Found in ${check.source.file}, line ${check.source.line}`
                  : "From the project's settings"}
              </p>
              <Tests label="Failing" ids={check.failing_tests} />
              <Tests label="Flaky" ids={check.flaky_tests} />
              <Log text={check.log} />
            </>
          )}
        </Fold>
      ))}
      {root.tools.length > 0 && <p className="text-xs break-words text-muted">{aboutTools(root.tools)}</p>}
      {root.missing.length > 0 && (
        <ul className="mt-2 space-y-1 rounded-sm bg-warn-soft p-2 text-sm">
          {root.missing.map(({ what, remedy }) => (
            <li key={what}>
              <span className="font-medium break-words">Missing: {what}.</span>{' '}
              <span className="break-words">{remedy}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** How the repository is set up and checked, and what that did at the base commit. */
export function Environment({
  environment,
  project,
}: {
  environment: EnvironmentView;
  project: { id: string; organization_id: string };
}) {
  const lacks = useLacks('document:write', project.organization_id);
  const survey = useCommand(surveyProject);
  const { state, step, error, roots, base_sha: sha, ended_at: ended, shown } = environment;
  return (
    <Card
      title="Environment"
      flush
      aside={
        <span className="flex flex-wrap items-center gap-2">
          <StatusBadge status={state === 'none' ? 'not_surveyed' : state} />
          <Button
            size="sm"
            busy={survey.busy}
            because={lacks}
            onClick={() => void survey.run({ params: { id: project.id } })}
          >
            {state === 'none' ? 'Survey' : 'Survey again'}
          </Button>
        </span>
      }
    >
      <p className="px-4 py-3 text-xs text-muted" aria-live="polite">
        {state === 'none' && 'The repository was never surveyed, so nobody knows yet what its checks say.'}
        {state === 'surveying' && `Now: ${step || 'starting'}.`}
        {ended && sha && (
          <>
            Commit <span className="figures">{sha.slice(0, 12)}</span>, <Ago at={ended} />
          </>
        )}
      </p>
      {error && <p className="px-4 pt-2 text-sm break-words text-bad">{error}</p>}
      <div className="px-4 pt-2 empty:hidden">
        <RetryingNotice retrying={environment.retrying} />
        <CommandError error={survey.error} />
      </div>
      <div className="divide-y">
        {roots.map((root) => (
          <RootPart key={root.path} root={root} named={roots.length > 1 || root.path !== ''} />
        ))}
      </div>
      {shown.length > 0 && (
        <Fold className="border-t px-4 py-2" summaryClass={summary} summary="Commands that are never run">
          {() => (
            <ul className="figures text-xs break-all">
              {shown.map(({ command, source }) => (
                <li key={`${source.file}:${source.line}:${command}`}>
                  {command}{' '}
                  <span className="text-muted">
                    {source.file}:{source.line}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Fold>
      )}
    </Card>
  );
}

import { useFetcher } from '@remix-run/react';
import { ArrowUp } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../button.tsx';
import { Notice } from '../card.tsx';
import { Checkbox, Select, TextInput } from '../field.tsx';
import { forgetText, keepText, keptText } from '../../lib/kept-text.ts';
import { nightProblems } from '../../lib/night-form.ts';
import type { launchFromPrompt } from '../../lib/launch.server.ts';
import { useShowUnpaid } from '../../lib/unpaid.ts';
import { useLacks, useOrganization, useViewer } from '../../lib/viewer.ts';
import { TextLink } from '../text-link.tsx';
import { AttachButton, Attachments, useAttachments } from './attachments.tsx';
import { BranchField } from './branch-field.tsx';
import { ForecastLine } from './forecast.tsx';
import { NightFields } from './night-fields.tsx';
import { useLaunched } from './use-launched.ts';

interface PromptProject {
  id: string;
  name: string;
  repository: string;
  default_branch: string;
}

const elsewhere = '';
/** Where a person comes back to, with the mode that they chose. */
const pageOf = (mode: 'quick' | 'spec_driven') => (mode === 'quick' ? '/command' : `/command?mode=${mode}`);
const chip = '!h-8 !w-auto border-line-strong text-xs';

/** The form to describe a feature and launch it. Enter sends, Shift and Enter starts a new line. */
export function Prompt({
  projects,
  wanted,
  wantedMode,
  models,
  launchKey,
  scripted,
  judge,
  nightRaiseUsd,
}: {
  projects: PromptProject[];
  wanted: string | null;
  wantedMode: 'quick' | 'spec_driven';
  /** Those that a launch may name, the usual one first. */
  models: string[];
  launchKey: string;
  scripted: boolean;
  /** What judges the output of phases, or what is recommended for it, with its price. */
  judge: string;
  /** What a run's limit grows by at night where the launch says nothing of it; 0: it waits. */
  nightRaiseUsd: number;
}) {
  const fetcher = useFetcher<typeof launchFromPrompt>();
  const lacks = useLacks('document:write');
  const input = useRef<HTMLTextAreaElement>(null);
  const owner = useViewer().id;
  useEffect(() => {
    const field = input.current;
    if (field && field.value === '') field.value = keptText(owner)?.text ?? '';
  }, [owner]);
  const [project, setProject] = useState(wanted ?? projects[0]?.id ?? elsewhere);
  const [mode, setMode] = useState(wantedMode);
  // One idempotency key a launch: sending it again after a lost answer does not start it twice.
  const [key, setKey] = useState(launchKey);
  const showUnpaid = useShowUnpaid();
  const answer = fetcher.data;
  const awaited = useLaunched(answer?.launched ?? null);
  const files = useAttachments();
  const busy = fetcher.state !== 'idle' || awaited.state === 'waiting';
  useEffect(() => {
    if (answer?.launched) forgetText(owner);
    if (!answer?.problem) return;
    setKey(crypto.randomUUID());
    if (answer.problem.unpaid) showUnpaid(answer.problem.unpaid, input.current);
  }, [answer, owner, showUnpaid]);

  const chosen = projects.find(({ id }) => id === project);
  return (
    <fetcher.Form
      method="post"
      className="rounded-lg border border-line-strong bg-card shadow-xs has-[textarea:focus-visible]:outline-2 has-[textarea:focus-visible]:outline-focus"
    >
      <input type="hidden" name="key" value={key} />
      <label htmlFor="words" className="sr-only">
        Describe the feature
      </label>
      <textarea
        id="words"
        name="words"
        ref={input}
        required
        autoFocus
        rows={3}
        maxLength={50_000}
        disabled={lacks !== undefined}
        placeholder="Describe a feature as you would to a colleague. It is planned, built in a sandbox, reviewed, and comes back as a pull request."
        className="block field-sizing-content max-h-[200px] min-h-24 w-full resize-none rounded-t-lg bg-transparent px-4 py-3 text-base leading-6 outline-none"
        onInput={(event) => keepText(owner, { text: event.currentTarget.value, page: pageOf(mode) })}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          if (!busy) event.currentTarget.form?.requestSubmit();
        }}
      />
      <div className="flex flex-wrap items-center gap-2 border-t px-3 py-2.5">
        <Select
          name="mode"
          aria-label="Mode"
          value={mode}
          onChange={(event) => setMode(event.target.value === 'quick' ? 'quick' : 'spec_driven')}
          className={chip}
        >
          <option value="quick">Quick: one task</option>
          <option value="spec_driven">Planned in phases</option>
        </Select>
        <Select
          name="project"
          aria-label="Project"
          value={project}
          onChange={(event) => setProject(event.target.value)}
          className={`max-w-56 min-w-32 ${chip}`}
        >
          {projects.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
          <option value={elsewhere}>Other repository ...</option>
        </Select>
        {mode === 'spec_driven' && (
          <Select name="gates" aria-label="Gates" defaultValue="auto" className={chip}>
            <option value="auto">Gates pass by score</option>
            <option value="ask">Ask me at the gates</option>
            <option value="auto_above=0.85">Ask me below 0.85</option>
            <option value="auto_above=0.95">Ask me below 0.95</option>
          </Select>
        )}
        {mode === 'spec_driven' && (
          <Select name="plan" aria-label="Plan" defaultValue="" className={chip}>
            <option value="">Default plan</option>
            <option value="auto">Plan by the gates</option>
            <option value="compact">One-session plan</option>
            <option value="full">Full plan</option>
          </Select>
        )}
        {models.length > 1 && (
          <Select name="model" aria-label="Model" defaultValue="" className={`max-w-48 ${chip}`}>
            <option value="">{models[0]}</option>
            {models.slice(1).map((model) => (
              <option key={model}>{model}</option>
            ))}
          </Select>
        )}
        {chosen && <BranchField key={chosen.id} project={chosen} className={`max-w-40 ${chip}`} />}
        <TextInput
          name="budget"
          aria-label="Budget in dollars"
          type="number"
          min="0.01"
          step="any"
          inputMode="decimal"
          placeholder="Budget $"
          className="!h-8 !w-24 border-line-strong text-xs"
        />
        <AttachButton files={files} because={lacks} />
        <Button type="submit" look="primary" busy={busy} because={lacks} className="ml-auto !h-8">
          <ArrowUp aria-hidden className="size-4" /> Launch
        </Button>
      </div>
      <div className="space-y-2 px-4 pb-3 text-xs text-muted empty:hidden">
        <Attachments files={files} />
        <NightFields raiseUsd={nightRaiseUsd} error={answer?.problem} />
        {project === elsewhere && (
          <TextInput
            name="repository"
            aria-label="Repository"
            placeholder="/path/to/repository or https://host/repository.git"
          />
        )}
        {chosen && (
          <p className="truncate" title={chosen.repository}>
            On <span className="figures">{chosen.repository}</span>, from{' '}
            <span className="figures">{chosen.default_branch}</span> unless you name another branch
            {scripted && '. The model is a rehearsal: its answers are scripted'}
          </p>
        )}
        <ForecastLine project={project} mode={mode} />
        {mode === 'spec_driven' && !scripted && <p>Judge of the phases: {judge}</p>}
        {answer?.problem && !nightProblems(answer.problem).all && <Refusal {...answer.problem} />}
        {awaited.message && <Notice tone={awaited.state === 'late' ? 'warn' : 'info'}>{awaited.message}</Notice>}
      </div>
    </fetcher.Form>
  );
}

function Refusal({
  error,
  message,
  request_id: requestId,
}: {
  error: string;
  message: string;
  request_id: string | null;
}) {
  const { id } = useOrganization();
  return (
    <Notice tone="bad">
      <p>{message}</p>
      {error === 'payment_required' && <TextLink to={`/organizations/${id}/billing`}>Open billing</TextLink>}
      {error === 'conflict' && <Checkbox name="force" label="Launch anyway" />}
      {requestId && <p className="figures mt-1 text-xs text-muted">Request {requestId}</p>}
    </Notice>
  );
}

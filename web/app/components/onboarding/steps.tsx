import { Form, useActionData, useNavigation } from '@remix-run/react';
import { useEffect, useRef, useState, type ComponentType, type ReactNode } from 'react';
import type { OnboardingStep } from '#workflows/domain/access/onboarding.ts';
import { phaseTitle } from '#workflows/domain/phases/names.ts';
import { forgetText, keepText, keptText } from '../../lib/kept-text.ts';
import type { loadOnboarding } from '../../lib/onboarding.server.ts';
import { useShowUnpaid, type Unpaid } from '../../lib/unpaid.ts';
import { useRevalidate } from '../../lib/use-revalidate.ts';
import { StatusBadge } from '../badge.tsx';
import { Button, ButtonLink } from '../button.tsx';
import { Field, Segments, Select, TextArea, TextInput } from '../field.tsx';
import { ConnectGithub } from '../github/connect-github.tsx';
import {
  repositorySources,
  RepositoryPicker,
  type Repository as PickedRepository,
} from '../github/repository-picker.tsx';

type Page = Awaited<ReturnType<typeof loadOnboarding>>;
type Step = ComponentType<{ page: Page }>;

/** A form of one step, with the way back and what else can be done here. */
function StepForm({
  page: { steps, step },
  next,
  children,
  aside,
}: {
  page: Page;
  next: string;
  children?: ReactNode;
  aside?: ReactNode;
}) {
  const busy = useNavigation().state !== 'idle';
  const before = steps[steps.indexOf(step) - 1];
  return (
    <Form method="post" className="space-y-5 rounded-lg border bg-card p-5">
      <input type="hidden" name="intent" value={step} />
      {children}
      <div className="flex flex-wrap items-center gap-2">
        {before && (
          <ButtonLink look="quiet" to={`/onboarding?step=${before}`}>
            Back
          </ButtonLink>
        )}
        <span className="ml-auto flex gap-2">
          {aside}
          <Button type="submit" look="primary" busy={busy}>
            {next}
          </Button>
        </span>
      </div>
    </Form>
  );
}

const Welcome: Step = ({ page }) => {
  const { completed, current } = page.found.organization;
  return completed ? (
    <StepForm page={page} next="Continue">
      <p className="text-sm">
        You are a member of <strong className="font-semibold">{current}</strong>.
      </p>
    </StepForm>
  ) : (
    <>
      <StepForm page={page} next="Create">
        <Field label="Name">
          <TextInput name="name" required autoFocus maxLength={255} />
        </Field>
      </StepForm>
      {page.archived.map(({ id, name }) => (
        <Form key={id} method="post" className="mt-3 flex items-center justify-between gap-3 text-sm">
          <input type="hidden" name="intent" value="restore" />
          <input type="hidden" name="organization" value={id} />
          <span className="min-w-0 truncate">{name} is archived.</span>
          <Button type="submit" size="sm" aria-label={`Restore ${name}`}>
            Restore
          </Button>
        </Form>
      ))}
    </>
  );
};

const Github: Step = ({ page }) => {
  const { completed, current } = page.found.github;
  return (
    <StepForm page={page} next={completed ? 'Continue' : 'Skip'}>
      {completed ? (
        <p className="text-sm">
          Your account <strong className="font-semibold">{current}</strong> is connected.
        </p>
      ) : (
        <ConnectGithub to="/onboarding?step=repo" />
      )}
    </StepForm>
  );
};

const Repository: Step = ({ page }) => {
  const { completed, current } = page.found.repo;
  const { github: status } = page;
  const [picked, setPicked] = useState<PickedRepository>();
  const [wanted, setWanted] = useState<'github' | 'address'>();
  const source = status?.available ? (wanted ?? (status.connected ? 'github' : 'address')) : 'address';
  return (
    <StepForm
      page={page}
      next={completed ? 'Add it' : 'Continue'}
      aside={
        completed && (
          <ButtonLink to="/onboarding?step=first-spec" look="secondary">
            Go on with {current}
          </ButtonLink>
        )
      }
    >
      {status?.available && (
        <Segments label="Source" options={repositorySources} chosen={source} onChoose={setWanted} />
      )}
      {source === 'github' && status ? (
        <>
          <RepositoryPicker status={status} chosen={picked} onChoose={setPicked} />
          <input type="hidden" name="github" value={picked?.full_name ?? ''} />
        </>
      ) : (
        <Field
          label="Repository"
          hint="A folder on this machine, or the address of a Git repository. Agents work on their own branches; your checkout is never changed."
        >
          <TextInput
            name="repository"
            required
            autoFocus
            placeholder="/path/to/repository or https://host/repository.git"
          />
        </Field>
      )}
    </StepForm>
  );
};

const ideas = [
  'Add a page that shows whether the service is healthy, with a test.',
  'Find the part of the code with the fewest tests and write tests for it.',
  'Say in the README how to set up and run this project, and check that it works.',
];
const shortest = 10;
const longest = 2000;

const FirstSpec: Step = ({ page }) => {
  const [words, setWords] = useState('');
  const [answer, showUnpaid] = [useActionData<{ unpaid?: Unpaid | null }>(), useShowUnpaid()];
  const owner = page.me.id;
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => setWords((typed) => typed || (keptText(owner)?.text ?? '')), [owner]);
  useEffect(() => {
    if (answer?.unpaid) showUnpaid(answer.unpaid, field.current);
  }, [answer, showUnpaid]);
  const write = (text: string) => {
    setWords(text);
    keepText(owner, { text, page: '/onboarding?step=first-spec' });
  };
  return (
    <StepForm page={page} next="Launch">
      <input type="hidden" name="key" value={page.launch_key} />
      <Field label="Project">
        <Select name="project" defaultValue={page.project ?? page.projects[0]?.id}>
          {page.projects.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
      <div>
        <Field label="Describe a feature" hint={`${words.length} characters; ${shortest} to ${longest} are possible`}>
          <TextArea
            name="words"
            ref={field}
            required
            autoFocus
            rows={5}
            minLength={shortest}
            maxLength={longest}
            value={words}
            onChange={(event) => write(event.target.value)}
          />
        </Field>
        <ul aria-label="Ideas" className="mt-2 space-y-1">
          {ideas.map((idea) => (
            <li key={idea}>
              <button
                type="button"
                onClick={() => write(idea)}
                className="min-h-6 w-full truncate rounded-md bg-subtle px-2 py-1 text-left text-xs text-soft hover:text-text pointer-coarse:min-h-11"
              >
                {idea}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </StepForm>
  );
};

const Plan: Step = ({ page }) => {
  const { chosen, found } = page;
  return (
    <>
      <StepForm page={page} next={chosen ? `Buy ${chosen.label}` : 'Go on'}>
        {chosen && <input type="hidden" name="buy" value={chosen.tier} />}
        <p className="text-sm">
          Your organization has the plan <strong className="font-semibold">{found.plan.current}</strong>.
          {chosen && ` You chose ${chosen.label}; it is bought on the billing page.`}
        </p>
      </StepForm>
      {chosen && (
        <Form method="post" className="mt-3 text-right">
          <input type="hidden" name="intent" value="plan" />
          <Button type="submit" look="quiet">
            Skip
          </Button>
        </Form>
      )}
    </>
  );
};

const everyMs = 3000;

const Complete: Step = ({ page: { me, spec } }) => {
  const revalidate = useRevalidate();
  const owner = me.id;
  useEffect(() => {
    if (!spec) return;
    forgetText(owner);
    const timer = setInterval(revalidate, everyMs);
    return () => clearInterval(timer);
  }, [spec, owner, revalidate]);
  return (
    <div className="space-y-5 rounded-lg border bg-card p-5">
      {spec ? (
        <p className="flex flex-wrap items-center justify-between gap-2 text-sm" role="status">
          <span className="min-w-0 truncate font-medium">{spec.title}</span>
          <span className="flex items-center gap-2 text-muted">
            {phaseTitle(spec.phase)} <StatusBadge status={spec.status} />
          </span>
        </p>
      ) : (
        <p className="text-sm">Describe a feature on the command page whenever you like.</p>
      )}
      <ButtonLink look="primary" to={spec ? `/projects/${spec.project_id}/specs/${spec.id}` : '/command'}>
        {spec ? 'Watch it' : 'Open the command page'}
      </ButtonLink>
    </div>
  );
};

export const steps: Record<OnboardingStep, { title: string; intro: string; Body: Step }> = {
  welcome: {
    title: 'Create an organization',
    intro: 'Projects, runs and costs belong to an organization. To join an existing one, ask its owner to add you.',
    Body: Welcome,
  },
  github: {
    title: 'Connect GitHub',
    intro: 'Then you choose from your repositories, and agents push branches and open pull requests there.',
    Body: Github,
  },
  repo: { title: 'Choose a repository', intro: 'A project is a repository on which agents work.', Body: Repository },
  'first-spec': {
    title: 'What do you want to build?',
    intro: 'It is planned, built in a sandbox, reviewed, and comes back as a pull request.',
    Body: FirstSpec,
  },
  plan: { title: 'Choose a plan', intro: 'You can change it at any time.', Body: Plan },
  complete: { title: 'You are set', intro: 'The work goes on without you. It asks when it needs you.', Body: Complete },
};

import { redirect, type ActionFunctionArgs, type LoaderFunctionArgs } from '@remix-run/node';
import type { z } from 'zod';
import { me as whoAmI } from '#server/contracts/auth.ts';
import { billingConfig } from '#server/contracts/billing.ts';
import { ApiError } from '#server/contracts/client.ts';
import {
  completeOnboarding,
  detectOnboarding,
  onboardingStatus,
  onboardingStep,
} from '#server/contracts/onboarding.ts';
import { githubConnectionStatus } from '#server/contracts/github-connection.ts';
import { createOrganization, listOrganizations, restoreOrganization } from '#server/contracts/organizations.ts';
import { createProject, listProjects } from '#server/contracts/projects.ts';
import { getSpec, launchSpec } from '#server/contracts/specs.ts';
import { grants } from '#workflows/domain/access/permissions.ts';
import { checklistItems, onboardingSteps, type OnboardingStep } from '#workflows/domain/access/onboarding.ts';
import { cutStart } from '#workflows/domain/text.ts';
import { apiFor, apiOf } from './api.server.ts';
import { checkoutOf, planOf } from './chosen-plan.ts';
import { projectOn } from './launch.server.ts';
import { pathOr } from './own-path.ts';
import { organizationHeader } from './preferences.ts';
import { slugOf } from './slug.ts';
import { unpaidOf } from './unpaid.ts';

type Found = z.output<(typeof detectOnboarding)['response']>;

/** The steps of this installation: one in which nothing can be chosen is left out. */
const stepsFor = (found: Found): OnboardingStep[] =>
  onboardingSteps.filter(
    (step) => !((step === 'github' && !found.github.can_change) || (step === 'plan' && !found.plan.can_change)),
  );

const known = (steps: readonly OnboardingStep[], wanted: unknown) => steps.find((step) => step === wanted);

/** The step that is asked for, or where the user stopped, on whatever device. */
export async function loadOnboarding(where: LoaderFunctionArgs) {
  const api = apiFor(where);
  const [me, state, found] = await Promise.all([api(whoAmI, {}), api(onboardingStatus, {}), api(detectOnboarding, {})]);
  const steps = stepsFor(found);
  const wanted = new URL(where.request.url).searchParams.get('step');
  const step = known(steps, wanted) ?? known(steps, state.current_step) ?? 'welcome';
  // Everything after the first step belongs to an organization.
  if (step !== 'welcome' && !found.organization.completed) throw redirect('/onboarding?step=welcome');
  const { spec_id: specId } = state.data;
  const wantedPlan = planOf(state.data.plan);
  const chosen = wantedPlan ? await offerOf(api, wantedPlan) : null;
  const spec =
    step === 'complete' && typeof specId === 'string'
      ? await api(getSpec, { params: { id: specId } }).catch(() => null)
      : null;
  const github = step === 'repo' ? await api(githubConnectionStatus, {}) : null;
  const archived =
    step === 'welcome' && !found.organization.completed
      ? (await api(listOrganizations, { query: { include_archived: 'true', limit: 200 } })).items
      : [];
  const projects =
    step === 'first-spec' ? (await api(listProjects, { query: { status: 'active', limit: 200 } })).items : [];
  return {
    me,
    step,
    steps,
    found,
    github,
    /** The plan that the person came for, and where it is bought. */
    chosen: chosen && { ...chosen, checkout: checkoutOf(chosen.tier) },
    projects: projects.map(({ id, name }) => ({ id, name })),
    archived: archived
      .filter(({ permissions }) => grants(permissions, 'org:delete'))
      .map(({ id, name }) => ({ id, name })),
    project: typeof state.data.project_id === 'string' ? state.data.project_id : null,
    launch_key: crypto.randomUUID(),
    spec: spec && {
      id: spec.id,
      project_id: spec.project_id,
      title: spec.title,
      status: spec.status,
      phase: spec.current_phase,
    },
  };
}

/** A plan that can be bought here. */
async function offerOf(api: ReturnType<typeof apiFor>, wanted: string) {
  const { is_configured: sells, plans } = await api(billingConfig, {});
  const plan = plans.find(({ tier, for_sale }) => for_sale && tier === wanted);
  return sells && plan ? { tier: plan.tier, label: plan.label } : null;
}

/** For a name without Latin letters. */
const randomSlug = () => `organization-${crypto.randomUUID().slice(0, 8)}`;

/** Does what the form of a step asks for, notes it, and goes on to the next step. @throws ApiError with what is refused. */
export async function takeOnboardingStep(where: ActionFunctionArgs) {
  const form = await where.request.formData();
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const api = apiOf(where);
  const intent = text('intent');
  const item = checklistItems.find((one) => one === intent);
  if (item) {
    await api(onboardingStep, { body: { step: item } });
    return redirect(pathOr('/command', text('to')));
  }
  if (intent === 'hide') {
    await api(completeOnboarding, { body: { data: { checklist: 'hidden' } } });
    return redirect('/command');
  }
  const goOn = async (from: OnboardingStep, data: Record<string, unknown> = {}, headers: HeadersInit = {}) => {
    const steps = stepsFor(await api(detectOnboarding, {}));
    const next = steps[steps.indexOf(from) + 1] ?? 'complete';
    await api(onboardingStep, { body: { step: next, data } });
    return redirect(`/onboarding?step=${next}`, { headers });
  };
  switch (intent) {
    case 'welcome': {
      if (!text('name')) return goOn('welcome');
      const { id } = await api(createOrganization, {
        body: { name: text('name'), slug: slugOf(text('name')) || randomSlug() },
      });
      return goOn('welcome', {}, { 'Set-Cookie': organizationHeader(id) });
    }
    case 'restore': {
      const { id } = await api(restoreOrganization, { params: { id: text('organization') } });
      return redirect('/organizations', { headers: { 'Set-Cookie': organizationHeader(id) } });
    }
    case 'repo': {
      const github = text('github');
      if (!github && !text('repository')) return { problem: 'Choose a repository first.', unpaid: null };
      const name = github.split('/')[1] ?? github;
      const project = github
        ? await api(createProject, { body: { name, repository: { github } } })
        : await projectOn(where, text('repository'));
      return goOn('repo', { project_id: project.id });
    }
    case 'first-spec': {
      const description = text('words');
      const { spec_id: specId } = await api(
        launchSpec,
        {
          body: {
            project_id: text('project'),
            title: cutStart(description.split('\n')[0] ?? description, 100),
            description,
          },
        },
        { idempotencyKey: text('key') },
      );
      return goOn('first-spec', { spec_id: specId });
    }
    case 'plan': {
      const plan = planOf(text('buy'));
      // The choice is made, or given up: the steps do not ask again.
      const next = await goOn('plan', { plan: null });
      return plan ? redirect(checkoutOf(plan)) : next;
    }
    default:
      return goOn(known(onboardingSteps, intent) ?? 'welcome');
  }
}

/** What to say beside the form. It does not ask for a slug: that is derived from the name. */
export function onboardingProblem(error: unknown) {
  if (!(error instanceof ApiError)) throw error;
  const taken =
    Array.isArray(error.details) && (error.details as { field?: string }[]).some(({ field }) => field === 'slug');
  return {
    problem: taken ? 'An organization with this name already exists. Choose another name.' : error.message,
    unpaid: unpaidOf(error),
  };
}

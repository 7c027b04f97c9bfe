import { redirect, type LoaderFunctionArgs } from '@remix-run/node';
import { me as whoAmI } from '#server/contracts/auth.ts';
import { onboardingStatus, onboardingStep } from '#server/contracts/onboarding.ts';
import { apiFor } from '../lib/api.server.ts';
import { planOf } from '../lib/chosen-plan.ts';
import { chosenOrganization } from '../lib/preferences.ts';

/**
 * Leads who chose a plan to its purchase. Who has no organization yet takes the first steps before; the choice is kept
 * with them, and so survives the mailed link and another device.
 */
export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const plan = planOf(new URL(where.request.url).searchParams.get('plan'));
  const { organizations } = await api(whoAmI, {});
  const chosen = chosenOrganization(where.request.headers.get('cookie'));
  const organization = organizations.find(({ id }) => id === chosen) ?? organizations[0];
  if (organization) return redirect(`/organizations/${organization.id}/billing${plan ? `?plan=${plan}` : ''}`);
  if (plan) {
    const { current_step: step } = await api(onboardingStatus, {});
    await api(onboardingStep, { body: { step, data: { plan } } });
  }
  return redirect('/onboarding');
};

import * as contracts from '../contracts/onboarding.ts';
import { route } from '../http/define-route.ts';
import * as onboarding from '../usecases/onboarding.ts';

export const onboardingRoutes = [
  route(contracts.onboardingStatus, (_input, call) => onboarding.status(call)),
  route(contracts.detectOnboarding, (_input, call) => onboarding.detect(call)),
  route(contracts.onboardingStep, ({ body }, call) => onboarding.step(call, body)),
  route(contracts.completeOnboarding, ({ body }, call) => onboarding.complete(call, body)),
  route(contracts.syncOnboarding, ({ body }, call) => onboarding.sync(call, body)),
  route(contracts.resetOnboarding, (_input, call) => onboarding.reset(call, call.actor.user_id)),
  route(contracts.resetOnboardingOf, ({ params }, call) => onboarding.reset(call, params.user_id)),
];

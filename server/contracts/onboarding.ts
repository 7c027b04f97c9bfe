import { z } from 'zod';
import { checklistItems, onboardingSteps } from '#workflows/domain/access/onboarding.ts';
import { contract, isoTime, uuid } from './contract.ts';

const step = z.enum(onboardingSteps);
const item = z.enum([...onboardingSteps, ...checklistItems]);
const longest = 20_000;
const entered = z
  .record(z.string().max(100), z.unknown())
  .refine((value) => JSON.stringify(value).length <= longest, `must be at most ${longest} characters as JSON`);

const onboardingSchema = z.object({
  current_step: step,
  completed_steps: z.array(item),
  checklist: z.array(z.object({ id: z.enum(checklistItems), completed: z.boolean() })),
  data: z.record(z.string(), z.unknown()),
  sync_version: z.number().int(),
  completed_at: isoTime.nullable(),
});

const ofCaller = { tag: 'onboarding', auth: 'user', before_approval: true, scope: 'none' } as const;

export const onboardingStatus = contract({
  ...ofCaller,
  method: 'get',
  path: '/onboarding/status',
  summary: 'How far the caller has come in the first steps',
  response: onboardingSchema,
});
const found = z.object({
  completed: z.boolean(),
  /** What is in use: a name. */
  current: z.string().nullable(),
  /** False where this installation or this user has nothing to choose. */
  can_change: z.boolean(),
});
export const detectOnboarding = contract({
  ...ofCaller,
  method: 'get',
  path: '/onboarding/detect',
  summary: 'What the caller has set up already, and the step that is missing',
  response: z.object({ github: found, organization: found, repo: found, plan: found, suggested_step: step }),
});
export const onboardingStep = contract({
  ...ofCaller,
  method: 'post',
  path: '/onboarding/step',
  summary: 'Go on to a step, or mark an item of the checklist as done',
  body: z.strictObject({ step: item, data: entered.default({}) }),
  response: onboardingSchema,
});
export const completeOnboarding = contract({
  ...ofCaller,
  method: 'post',
  path: '/onboarding/complete',
  summary: 'End the first steps',
  body: z.strictObject({ data: entered.default({}) }),
  response: onboardingSchema,
});
export const syncOnboarding = contract({
  ...ofCaller,
  method: 'post',
  path: '/onboarding/sync',
  summary: 'Merge what a device holds; the state of the server stands where it is newer',
  body: z.strictObject({
    sync_version: z.number().int().min(0).max(1_000_000),
    current_step: step,
    completed_steps: z.array(item).max(20).default([]),
    data: entered.default({}),
  }),
  response: onboardingSchema,
});
export const resetOnboarding = contract({
  ...ofCaller,
  method: 'post',
  path: '/onboarding/reset',
  summary: 'Begin the first steps again',
  response: onboardingSchema,
});
export const resetOnboardingOf = contract({
  method: 'post',
  path: '/onboarding/admin/reset/{user_id}',
  tag: 'onboarding',
  summary: 'Begin the first steps of a user again (administrators of the installation only)',
  auth: 'administrator',
  scope: 'none',
  params: z.object({ user_id: uuid }),
  response: onboardingSchema,
});

/** The steps of a new user, in their order. */
export const onboardingSteps = ['welcome', 'github', 'repo', 'first-spec', 'plan', 'complete'] as const;
/** What is left to try after the steps, in any order. */
export const checklistItems = ['watch-agent', 'review-pr', 'invite-team'] as const;

export type OnboardingStep = (typeof onboardingSteps)[number];
export type OnboardingItem = OnboardingStep | (typeof checklistItems)[number];

export interface Onboarding {
  current_step: OnboardingStep;
  /** Steps and checklist items that are done, each once, in the order above. */
  completed_steps: OnboardingItem[];
  /** What the user entered or chose in the steps. */
  data: Record<string, unknown>;
  /** Grows by one with each change. */
  sync_version: number;
  completed_at: Date | null;
}

export const newOnboarding: Onboarding = {
  current_step: 'welcome',
  completed_steps: [],
  data: {},
  sync_version: 1,
  completed_at: null,
};

const order: readonly OnboardingItem[] = [...onboardingSteps, ...checklistItems];
const isStep = (item: OnboardingItem): item is OnboardingStep => (onboardingSteps as readonly string[]).includes(item);
const sorted = (items: readonly OnboardingItem[]) => order.filter((item) => items.includes(item));

function changed(state: Onboarding, change: Partial<Onboarding>, now: Date): Onboarding {
  const next = { ...state, ...change, sync_version: state.sync_version + 1 };
  return { ...next, completed_at: next.current_step === 'complete' ? (state.completed_at ?? now) : null };
}

/** Goes on to a step and marks the one before as done. An item of the checklist is marked as done itself. */
export const takeStep = (
  state: Onboarding,
  item: OnboardingItem,
  data: Record<string, unknown>,
  now: Date,
): Onboarding => {
  const done = !isStep(item) || item === 'complete' ? [item] : [];
  // A step that was opened again, or skipped back from, is not done by leaving it for an earlier one.
  const left = isStep(item) && order.indexOf(item) > order.indexOf(state.current_step) ? [state.current_step] : [];
  return changed(
    state,
    {
      current_step: isStep(item) ? item : state.current_step,
      completed_steps: sorted([...state.completed_steps, ...left, ...done]),
      data: { ...state.data, ...data },
    },
    now,
  );
};

/** What another device of the user holds: the server's state stands where it is newer, else both are merged. */
export const syncOnboarding = (
  state: Onboarding,
  other: Pick<Onboarding, 'current_step' | 'completed_steps' | 'data' | 'sync_version'>,
  now: Date,
): Onboarding =>
  state.sync_version > other.sync_version
    ? state
    : changed(
        { ...state, sync_version: other.sync_version },
        {
          current_step: other.current_step,
          completed_steps: sorted([...state.completed_steps, ...other.completed_steps]),
          data: { ...state.data, ...other.data },
        },
        now,
      );

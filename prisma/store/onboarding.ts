import {
  newOnboarding,
  type Onboarding,
  type OnboardingItem,
  type OnboardingStep,
} from '#workflows/domain/access/onboarding.ts';
import type { UserOnboarding } from '../generated/client.ts';
import type { StoreCore } from './core.ts';

const toState = (row: UserOnboarding): Onboarding => ({
  current_step: row.current_step as OnboardingStep,
  completed_steps: row.completed_steps as OnboardingItem[],
  data: row.data as Record<string, unknown>,
  sync_version: row.sync_version,
  completed_at: row.completed_at,
});

/** The first steps of users (AUTH-18). */
export function onboardingStore(core: StoreCore) {
  return {
    onboarding: async (userId: string): Promise<Onboarding> => {
      const row = await core.read((db) => db.userOnboarding.findUnique({ where: { user_id: userId } }));
      return row ? toState(row) : newOnboarding;
    },
    /** Changes the state under its row's lock: of two devices at once, the second sees what the first has done. */
    changeOnboarding: (userId: string, change: (state: Onboarding) => Onboarding): Promise<Onboarding> =>
      core.change(async (tx) => {
        const where = { user_id: userId };
        const row = await tx.userOnboarding.upsert({ where, create: where, update: { updated_at: new Date() } });
        const next = change(toState(row));
        await tx.userOnboarding.update({ where, data: { ...next, data: next.data as object } });
        return next;
      }),
    resetOnboarding: (userId: string) =>
      core.change(async (tx) => void (await tx.userOnboarding.deleteMany({ where: { user_id: userId } }))),
    /** What a user has done already, wherever it was done: an organization they belong to, a project in one. */
    onboardingFacts: (userId: string) =>
      core.read(async (db) => {
        const membership = await db.membership.findFirst({
          where: { user_id: userId, organization: { archived_at: null } },
          include: { organization: true },
          orderBy: { created_at: 'asc' },
        });
        const project = await db.project.findFirst({
          where: {
            status: 'active',
            organization: { archived_at: null, memberships: { some: { user_id: userId } } },
          },
          orderBy: { created_at: 'asc' },
        });
        return { organization: membership?.organization ?? null, project };
      }),
  };
}

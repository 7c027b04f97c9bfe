import { randomUUID } from 'node:crypto';
import type { Store } from '#activities/ports/store.ts';
import { openDatabaseClient } from '#prisma/client.ts';
import { billingRules } from '#tests/support/billing.ts';
import { createStore } from '#prisma/store/index.ts';

/** A store on a database of the test's own, without a stack. */
export const openStore = (url: string, billing = billingRules) =>
  createStore(openDatabaseClient({ url, pool: 4, pool_timeout: 10, command_timeout: 10 }), {
    notify: () => undefined,
    invalidEvent: (problem) => {
      throw new Error(problem);
    },
    alert_threshold: 0.8,
    critical_threshold: 0.95,
    billing,
  });

/** An organization with its owner and a project. */
export async function newPlace(store: Store, slug: string) {
  const owner = await store.identity.createUser({ email: `${slug}@example.test`, hashed_password: null });
  const organization = await store.identity.createOrganization({ name: slug, slug, owner_id: owner.id });
  const project = await store.projects.create({
    id: randomUUID(),
    organization_id: organization.id,
    name: 'p',
    repository_path: '/nowhere',
    default_branch: 'main',
    created_by: owner.id,
  });
  return { owner, organization, project };
}

import { randomUUID } from 'node:crypto';
import { openShop } from '#tests/support/shop.ts';
import { present } from '#workflows/domain/errors.ts';

type Shop = Awaited<ReturnType<typeof openShop>>;
let shop: Shop;
let { store } = {} as Shop;
beforeAll(async () => {
  shop = await openShop();
  ({ store } = shop);
});
afterAll(() => shop.close());

const person = async () =>
  (await store.identity.createUser({ email: `${randomUUID()}@example.test`, hashed_password: null })).id;
const create = (owner_id: string) => store.identity.createOrganization({ name: 'Free', slug: randomUUID(), owner_id });
const roleOf = async (organization: string, name: string) =>
  present((await store.identity.roles(organization)).find((role) => role.name === name)?.id, 'the role');
const membershipOf = async (organization: string, user: string) =>
  (await store.identity.membershipOf(organization, user)).id;
const fullUp = expect.objectContaining({ code: 'invalid_rule' }) as Error;

/** Makes another person the owner, and leaves. */
async function makeOver(organization: string, from: string, to: string) {
  await store.identity.addMember(organization, { user_id: to }, await roleOf(organization, 'owner'), from);
  await store.identity.removeMember(organization, await membershipOf(organization, from), from);
}

test('[ORG-01] [BILL-03] an organization counts for who created it, so two accounts gain none by passing it on', async () => {
  const [one, other] = [await person(), await person()];
  const made = await Promise.all([create(one), create(one), create(one)]);
  for (const { id } of made) await makeOver(id, one, other);
  expect((await store.identity.organization(made[0].id)).owner_id).toBe(other);
  await expect(create(one)).rejects.toEqual(fullUp);
  // A stranger who makes a person the owner takes no place of theirs.
  for (let own = 0; own < 3; own += 1) await create(other);
  await expect(create(other)).rejects.toEqual(fullUp);
});

test('[ORG-02] an owner whose account is deactivated is no other owner: nobody leaves, is demoted or removed', async () => {
  const [owner, gone, third] = [await person(), await person(), await person()];
  const { id } = await create(owner);
  await store.identity.addMember(id, { user_id: gone }, await roleOf(id, 'owner'), owner);
  await store.identity.setActive(gone, false, { by: 'admin' });
  const membership = await membershipOf(id, owner);
  const last = {
    code: 'conflict',
    message: 'This member is the last owner with an active account. Make another member an owner first.',
  };
  await expect(store.identity.removeMember(id, membership, owner)).rejects.toMatchObject(last);
  await expect(store.identity.changeMember(id, membership, await roleOf(id, 'viewer'), owner)).rejects.toMatchObject(
    last,
  );
  expect((await store.identity.organization(id)).owner_id).toBe(owner);

  await store.identity.addMember(id, { user_id: third }, await roleOf(id, 'owner'), owner);
  await store.identity.removeMember(id, membership, owner);
  expect((await store.identity.organization(id)).owner_id).toBe(third);
});

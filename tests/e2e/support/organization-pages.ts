import type { Browser } from 'playwright-core';
import { eventually } from '#tests/support/api.ts';
import { newPerson } from '#tests/support/people.ts';
import type { TestStack } from '#tests/support/stack.ts';
import { Visitor } from './browser.ts';

/** An owner makes an organization, names and limits it, archives it, and takes it back; a member looks on. */
export async function walkOrganizations(browser: Browser, stack: TestStack): Promise<void> {
  const { url } = stack.address;
  const [ada, bob] = [await newPerson({ url }), await newPerson({ url, organization: false })];
  const visitor = await Visitor.open(browser, stack);
  const { page } = visitor;
  const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
  await visitor.signInAs(ada);
  await visitor.go('/command');
  await page.getByRole('link', { name: 'Theirs' }).filter({ visible: true }).click();
  await heading('Organizations');
  await page.getByRole('link', { name: 'New organization' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Night Shift');
  const slug = page.getByLabel('Slug');
  expect(await slug.inputValue()).toBe('night-shift');
  await slug.fill('Night');
  await page.getByText('The slug takes lower-case letters').waitFor();
  await slug.fill(ada.slug);
  await page.getByLabel('Billing e-mail').fill('pay@nowhere');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('alert').getByText('The address').waitFor();
  await page.getByLabel('Billing e-mail').fill('pay@example.test');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('The slug is taken.').waitFor();
  const found = await visitor.portray('organization-new');
  const own = `${ada.slug}-2`;
  await slug.fill(own);
  await page.getByRole('button', { name: 'Create' }).click();
  // It is chosen, and its first page is open.
  await heading('Members');
  const choice = page.getByRole('combobox', { name: 'Organization' }).filter({ visible: true });
  expect(await choice.locator('option:checked').innerText()).toBe('Night Shift');

  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByLabel('Name', { exact: true }).fill('Late Shift');
  await page.getByLabel('Agents at once').fill('7');
  await page.getByLabel('Hours of a run').fill('12');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Settings saved').first().waitFor();
  await choice.locator('option', { hasText: 'Late Shift' }).waitFor({ state: 'attached' });
  const made = (await ada.api.all<{ id: string; slug: string }>('/organizations')).find((one) => one.slug === own);
  const id = made?.id ?? '';
  expect(await ada.api.get(`/organizations/${id}`)).toMatchObject({
    name: 'Late Shift',
    billing_email: 'pay@example.test',
    max_concurrent_agents: 7,
    max_agent_runtime_hours: 12,
    role: 'owner',
  });
  found.push(...(await visitor.portray('organization-settings')));

  const roles = await ada.api.all<{ id: string; name: string }>(`/organizations/${id}/roles`);
  const role = roles.find(({ name }) => name === 'member')?.id;
  await ada.api.post(`/organizations/${id}/members`, { user_id: bob.user_id, role_id: role });
  const member = await Visitor.open(browser, stack);
  await member.signInAs(bob);
  await member.go(`/organizations/${id}/settings`);
  await member.page.getByText('Your role (member) does not allow this. Owners').waitFor();
  expect(await member.page.getByLabel('Agents at once').isDisabled()).toBe(true);
  for (const name of [/^Save/, /^Archive/])
    expect(await member.page.getByRole('button', { name }).isDisabled()).toBe(true);
  found.push(...(await member.audit()));

  // A registered agent becomes a member, gets another role, and is removed.
  const agent = await ada.api.post<{ id: string; name: string; key: string }>(
    `/agents/register?organization_id=${id}`,
    { agent_type: 'worker', elsewhere: true },
  );
  const reads = async () => (await ada.api.as(agent.key).request('GET', `/organizations/${id}`)).status;
  await page.getByRole('link', { name: 'Members', exact: true }).click();
  await page.getByRole('button', { name: 'Add an agent' }).press('Enter');
  const adds = page.getByRole('dialog');
  await adds.getByRole('combobox', { name: 'Agent' }).selectOption({ label: `${agent.name} (worker)` });
  found.push(...(await visitor.portray('organization-add-agent')));
  expect(await reads()).toBe(403);
  await adds.getByRole('button', { name: 'Add', exact: true }).press('Enter');
  await page.getByRole('row').filter({ hasText: agent.name }).getByText('Agent', { exact: true }).waitFor();
  await adds.waitFor({ state: 'detached' });
  expect(await reads()).toBe(200);
  await page.getByRole('button', { name: 'Add an agent' }).click();
  await adds.getByText('No registered agent is left to add.').waitFor();
  await page.keyboard.press('Escape');
  const place = page.getByRole('combobox', { name: `Role of ${agent.name}` });
  await place.selectOption({ label: 'Member' });
  const agentMember = async () =>
    (await ada.api.all<{ agent_id: string; role: string }>(`/organizations/${id}/members`)).find(
      ({ agent_id: one }) => one === agent.id,
    );
  await eventually('its role is changed', async () => (await agentMember())?.role === 'member');
  found.push(...(await visitor.portray('organization-members')));
  await page.getByRole('row').filter({ hasText: agent.name }).getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await eventually('it is removed', async () => (await agentMember()) === undefined);
  await place.waitFor({ state: 'detached' });
  expect(await reads()).toBe(403);
  await page.getByRole('link', { name: 'Settings', exact: true }).click();

  await page.getByRole('button', { name: 'Archive' }).click();
  const asks = page.getByRole('dialog');
  const archive = asks.getByRole('button', { name: 'Archive' });
  await asks.getByLabel('Type Late Shift').fill('late shift');
  expect(await archive.isDisabled()).toBe(true);
  await asks.getByLabel('Type Late Shift').fill('Late Shift');
  await archive.click();
  await heading('Organizations');
  await page.getByText('Archived').waitFor();
  // The other one is chosen now.
  await page.getByRole('link', { name: 'Theirs' }).filter({ visible: true }).first().waitFor();
  found.push(...(await visitor.portray('organizations')));
  await page.getByRole('button', { name: 'Restore Late Shift' }).click();
  await page.getByText('Archived').waitFor({ state: 'detached' });
  await choice.waitFor();
  await page.getByRole('button', { name: 'Choose Late Shift' }).click();
  await page.waitForURL('**/command');
  await choice.locator('option:checked', { hasText: 'Late Shift' }).waitFor({ state: 'attached' });

  // Where it was the only one, the first steps offer it again, to its owner alone.
  await ada.api.ok('DELETE', `/organizations/${id}`);
  await member.page.goto('/command');
  await member.page.waitForURL('**/onboarding');
  expect(await member.page.getByRole('button', { name: 'Restore Late Shift' }).count()).toBe(0);
  await ada.api.ok('DELETE', `/organizations/${ada.organization_id}`);
  await page.goto('/command');
  await page.getByRole('button', { name: 'Restore Late Shift' }).click();
  await heading('Organizations');
  await page.getByRole('button', { name: 'Restore Theirs' }).waitFor();
  await visitor.go(`/organizations/${ada.organization_id}`);
  await heading('Members');
  await page.getByText('Theirs is archived').waitFor();
  found.push(...(await visitor.audit()));
  expect(found).toEqual([]);
  await member.context.close();
  await visitor.context.close();
}

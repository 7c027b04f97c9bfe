import { largePlan } from '#tests/support/large-plan.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { answerValue } from '#tests/support/scripts.ts';
import { setting, type Setting } from './support/setting.ts';

let here: Setting;
beforeAll(async () => {
  here = await setting((request) => answerValue(request) ?? { hang: true });
});
afterAll(() => here.close());

test('[WEB-08] a spec of 60 requirements and 120 tasks is read by keys on each of its pages, and fits a phone', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Large',
    repository: { path: new TestRepository().path },
  });
  await stack.api.ok('PATCH', `/projects/${project.id}`, { autonomous_execution_enabled: false });
  const { explore, prd, requirements, design, tasks } = largePlan();
  const { id } = await stack.api.post<{ id: string }>('/specs/import', {
    ...{ project_id: project.id, phases: { explore, prd, requirements, design, tasks } },
    spec: { title: 'Export all fields', description: 'All fields as CSV.' },
  });
  await stack.api.post(`/specs/${id}/sync`);
  const address = `/projects/${project.id}/specs/${id}`;
  await visitor.go(address);
  const tabs = page.getByRole('navigation', { name: 'Parts of the spec' }).getByRole('link');
  const names = await tabs.allTextContents();
  expect(names.length).toBeGreaterThan(4);
  for (const [n, name] of names.entries()) {
    await tabs.nth(n).focus();
    await page.keyboard.press('Enter');
    await page.locator('[aria-current=page]', { hasText: name }).first().waitFor();
    expect(await visitor.portray(`large-spec-${n}`)).toEqual([]);
  }
  for (const path of [
    `${address}/review`,
    `/projects/${project.id}/specs`,
    `/board/${project.id}`,
    `/board/${project.id}?of=tickets`,
    `/board/${project.id}?lanes=spec`,
    `/graph/${project.id}`,
    `/projects/${project.id}`,
  ]) {
    await visitor.go(path);
    expect(await visitor.portray(`large${path.replace(/[0-9a-f-]{36}/g, 'id').replace(/\W+/g, '-')}`)).toEqual([]);
  }
  expect(visitor.complaints).toEqual([]);
}, 400_000);

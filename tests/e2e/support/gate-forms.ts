import { eventually } from '#tests/support/api.ts';
import type { Setting } from './setting.ts';

/** From the gate of the requirements, on whose page the visitor is, to that of the tasks: what people edit there. */
export async function walkGateForms(
  { visitor, stack, model }: Setting,
  spec: { id: string; project_id: string },
): Promise<void> {
  const { page } = visitor;
  const address = `/projects/${spec.project_id}/specs/${spec.id}`;
  const version = async () => (await stack.api.get<{ version: number }>(`/specs/${spec.id}`)).version;
  const stored = async (phase: string) =>
    (
      await stack.api.get<{ phases: { output: Record<string, unknown> }[] }>(
        `/specs/${spec.id}/phase-data?phases=${phase}`,
      )
    ).phases[0]?.output;
  const form = page.getByRole('form');
  const save = form.getByRole('button', { name: /^Save/ });
  await page.keyboard.press('a');
  await page.getByRole('heading', { name: 'Design waits for your decision' }).waitFor({ timeout: 60_000 });
  expect(
    model.requests.some(
      (request) => request.context.phase === 'design' && request.text.includes('one CSV row for each open task'),
    ),
  ).toBe(true);
  await visitor.go(`${address}?tab=design`);
  const first = await version();
  await page.getByRole('button', { name: 'Edit architecture' }).press('Enter');
  const overview = form.getByLabel('Overview (Markdown)');
  const before = await overview.inputValue();
  await overview.fill(`${before} It is mine.`);
  // Another person changes another section: both hold. The same section: both are shown.
  await stack.api.ok('PUT', `/specs/${spec.id}/design`, { integration_points: ['The router.'], version: first });
  await save.click();
  await form.waitFor({ state: 'detached' });
  expect(await stored('design')).toMatchObject({
    architecture_overview: `${before} It is mine.`,
    integration_points: ['The router.'],
  });
  await page.getByRole('button', { name: 'Edit architecture' }).press('Enter');
  await overview.fill(`${before} Mine again.`);
  await stack.api.ok('PUT', `/specs/${spec.id}/design`, {
    architecture_overview: `${before} Theirs.`,
    version: await version(),
  });
  await save.click();
  await form.getByText('This was changed while you edited it').waitFor();
  await form.getByText('Theirs.').waitFor();
  expect(await visitor.portray('design-conflict')).toEqual([]);
  await save.click();
  await form.waitFor({ state: 'detached' });
  expect(await stored('design')).toMatchObject({ architecture_overview: `${before} Mine again.` });
  await page.getByRole('button', { name: 'Edit components' }).press('Enter');
  expect(await visitor.portray('design-edit')).toEqual([]);
  await form.getByRole('button', { name: 'Cancel' }).press('Enter');
  await page.getByRole('button', { name: 'Edit components' }).and(page.locator(':focus')).waitFor();

  await visitor.go(`${address}?tab=attempts`);
  await page.getByRole('button', { name: `Restore the design of version ${first + 1}` }).press('Enter');
  // What it changes is shown before.
  await page
    .getByRole('alertdialog')
    .getByRole('region', { name: 'What changes' })
    .getByText('designs/design.md')
    .waitFor();
  expect(await visitor.portray('version-difference')).toEqual([]);
  await page.getByRole('alertdialog').getByRole('button', { name: 'Restore' }).press('Enter');
  await page
    .getByText(`The design of version ${first + 1} is restored`)
    .first()
    .waitFor();
  expect(await stored('design')).toMatchObject({ architecture_overview: before });
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await eventually('the newest design is back', async () =>
    String((await stored('design'))?.architecture_overview).includes('Mine again.'),
  );

  // The gate has a page of its own, with what it is judged by and what it has brought.
  await visitor.go(`/gates/phase:${spec.id}`);
  await page.getByRole('heading', { name: 'Design waits for your decision' }).waitFor();
  await page.getByRole('heading', { name: 'Checklist' }).waitFor();
  const brought = page.getByRole('region', { name: 'What Design has brought' });
  await brought.getByRole('button', { name: 'Edit architecture' }).waitFor();
  expect(await visitor.portray('gate-of-phase')).toEqual([]);

  // All gates are approved from the palette, which shows them first.
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search' }).fill('approve all green gates');
  await page.getByRole('option', { name: 'Approve all green gates' }).first().waitFor();
  await page.keyboard.press('Enter');
  const preview = page.getByRole('region', { name: 'Preview' });
  await preview.getByRole('checkbox', { name: /Export tasks/ }).waitFor();
  expect(await visitor.portray('palette-preview')).toEqual([]);
  await preview.getByRole('button', { name: 'Approve', exact: true }).press('Enter');
  await page
    .getByText(/approved$/)
    .first()
    .waitFor();
  // The plan can be looked at before it is let through.
  await page.getByRole('heading', { name: 'Tasks waits for your decision' }).waitFor({ timeout: 60_000 });

  await visitor.go(`${address}?tab=tasks`);
  await page.getByRole('button', { name: 'Edit TSK-001' }).press('Enter');
  await form.getByLabel('Hours').fill('81');
  await save.click();
  await form.getByText(/^Estimated hours .*80/).waitFor();
  expect(await visitor.portray('task-refused')).toEqual([]);
  await form.getByLabel('Hours').fill('3');
  await save.click();
  await page.getByRole('button', { name: 'Edit TSK-001' }).waitFor();
  expect(((await stored('tasks')) as { tasks: { estimated_hours: number }[] }).tasks[0]?.estimated_hours).toBe(3);
  // By keys, then with the pointer: what can start at once starts in this order.
  const order = async () => ((await stored('tasks')) as { tasks: { id: string }[] }).tasks.map(({ id }) => id);
  const tasks = await order();
  await page.getByRole('button', { name: `Move ${tasks[0]}`, exact: true }).press('Enter');
  await page.getByRole('menuitem', { name: 'To the end' }).press('Enter');
  await page
    .getByRole('button', { name: `Move ${tasks[0]}`, exact: true })
    .and(page.locator(':focus'))
    .waitFor();
  await page.getByText(`${tasks[0]} is number ${tasks.length} of ${tasks.length}`).first().waitFor();
  expect(await order()).toEqual([...tasks.slice(1), tasks[0]]);
  await page.locator(`#${tasks.at(-1)} + #${tasks[0]}`).waitFor();
  await page.locator(`#${tasks[0]}`).dragTo(page.locator(`#${tasks[1]}`));
  await eventually('the plan is as it was', async () => (await order()).join() === tasks.join());
  expect(await visitor.portray('planned-tasks')).toEqual([]);
  await page.getByRole('button', { name: 'Add a task' }).press('Enter');
  await form.getByLabel('Title').fill('Say it in the README');
  await form.getByLabel('Description (Markdown)').fill('Name the address.');
  await form.getByLabel('Files to change').fill('README.md');
  await save.click();
  await page.getByRole('button', { name: 'Remove TSK-004' }).press('Enter');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).press('Enter');
  await page.getByRole('button', { name: 'Remove TSK-004' }).waitFor({ state: 'detached' });
}

/** Words reach the agent of a task from the palette. */
export async function steerFromPalette({ visitor, stack }: Setting, task: { id: string; key: string }): Promise<void> {
  const { page } = visitor;
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search' }).fill(`steer ${task.key}: use port 8020`);
  await page
    .getByRole('option', { name: `Steer ${task.key}: use port 8020` })
    .first()
    .waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Send' }).and(page.locator(':focus')).press('Enter');
  await page
    .getByText(new RegExp(`^${task.key} .* sent$`))
    .first()
    .waitFor();
  const { run_id } = await stack.api.get<{ run_id: string }>(`/tasks/${task.id}`);
  expect(
    (await stack.api.all<{ content: string }>(`/runs/${run_id}/messages`)).map(({ content }) => content),
  ).toContain('use port 8020');
}

/** From a requirement over its tasks and commits to the lines of the code. */
export async function traceToLines({ visitor }: Setting, spec: { id: string; project_id: string }): Promise<void> {
  const { page } = visitor;
  await visitor.go(`/projects/${spec.project_id}/specs/${spec.id}?tab=traceability`);
  const row = page.getByRole('row', { name: /REQ-EXPORT-FUNC-001/ });
  await row.locator('summary').first().press('Enter');
  await row
    .getByText(/^src\/.*:\d+/)
    .first()
    .waitFor();
  expect(await visitor.portray('traceability')).toEqual([]);
  await row.getByRole('link', { name: 'Open the commit' }).first().press('Enter');
  await page.waitForURL('**/commits/**');
}

import type { Played, Reply } from '#tests/support/played-model.ts';
import { smallProject, TestRepository } from '#tests/support/repository.ts';
import { answerValue, call } from '#tests/support/scripts.ts';
import type { Setting } from './setting.ts';

let release = () => {};
const released = new Promise<void>((resolve) => {
  release = resolve;
});

/** Answers the question about a rate once it may, and what a ticket needs to begin; every other request hangs. */
export async function answerQuestions(request: Played): Promise<Reply> {
  const { context, body } = request;
  const value = context.kind === 'title' || context.kind === 'analysis' ? answerValue(request) : undefined;
  if (value) return value;
  if (context.kind !== 'explore' || !context.title?.includes('rate')) return { hang: true };
  if (body.messages.every(({ role }) => role !== 'assistant'))
    return { text: 'I look at the rates.', tools: [call('read_file', { path: 'src/tax.js' })] };
  await released;
  return { text: 'The rate is 20 %: `src/tax.js:2`. It is read at src/gone.js:7.' };
}

/** Asks about a project's code in the browser, opens a place, and makes a spec of the answer. */
export async function explore({ visitor, stack }: Setting): Promise<void> {
  const { page } = visitor;
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Tax office',
    repository: {
      path: new TestRepository({ ...smallProject, 'src/tax.js': '// Rates\nexport const tax = 0.2;\n' }).path,
    },
  });
  await visitor.go(`/projects/${project.id}`);
  await page.getByRole('main').getByRole('link', { name: 'Explore', exact: true }).press('Enter');
  await page
    .getByRole('button', { name: /^What .*src\// })
    .first()
    .press('Enter');
  const question = page.getByRole('textbox', { name: 'Question about the code' });
  expect(await question.inputValue()).toContain('src/');
  expect(await visitor.portray('explore-empty')).toEqual([]);
  await question.fill('What is the tax rate?');
  await question.press('Enter');
  const asked = page.getByRole('article', { name: 'What is the tax rate?' });
  await asked.getByText('I look at the rates').waitFor();
  release();
  await asked.getByText('The answer names places that do not exist at this commit: src/gone.js:7').waitFor();
  expect(await visitor.portray('explore')).toEqual([]);
  await asked.getByRole('link', { name: 'src/tax.js:2' }).press('Enter');
  const lines = page.getByRole('dialog', { name: 'src/tax.js' });
  await lines.getByRole('row', { name: '2 export const tax = 0.2;' }).waitFor();
  expect(await visitor.portray('explore-lines')).toEqual([]);
  await page.keyboard.press('Escape');
  await lines.waitFor({ state: 'detached' });
  await page.reload();
  await asked.getByText('The rate is 20').waitFor();

  // A question without an answer says why, and is asked again.
  await question.fill('Who pays?');
  await question.press('Enter');
  const failed = page.getByRole('article', { name: 'Who pays?' });
  await failed.getByRole('button', { name: 'Stop' }).click();
  await failed.getByText('There is no answer:').waitFor();
  await failed.getByRole('button', { name: 'Ask again' }).waitFor();

  await asked.getByRole('button', { name: 'Make a spec of this' }).press('Enter');
  await page.waitForURL('**/command?*');
  expect(await page.getByRole('textbox', { name: 'Describe the feature' }).inputValue()).toContain('The rate is 20');
  await page.getByRole('textbox', { name: 'Describe the feature' }).fill('');
}

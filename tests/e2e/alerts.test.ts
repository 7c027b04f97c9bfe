import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '#tests/support/api.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { answerValue } from '#tests/support/scripts.ts';
import { setting, type Setting } from './support/setting.ts';

let here: Setting;
beforeAll(async () => {
  here = await setting((request) => answerValue(request) ?? { hang: true }, { OMOIOS_OUTBOUND_ALLOW: 'localhost' });
});
afterAll(() => here.close());

test('[WATCH-14] an alert shows at once, is acknowledged where its message leads, and its rule and endpoint are changed', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const { api } = stack;
  const { id: project_id } = await api.post<{ id: string }>('/projects', {
    name: 'Alerts',
    repository: { path: new TestRepository().path },
  });
  const { id, key } = await api.post<{ id: string; key: string }>('/tickets', {
    ...{ project_id, title: 'Pay', description: 'Wait for the bank.', priority: 'CRITICAL' },
    workflow_mode: 'spec_driven',
  });
  await visitor.go('/alerts');
  await page.getByText('No alerts yet').waitFor();
  await api.post(`/tickets/${id}/block`, { reason: 'The bank is silent.' });
  const message = `${key} is blocked: The bank is silent.`;
  await page.getByRole('link', { name: message }).waitFor();
  expect(await visitor.portray('alerts')).toEqual([]);
  await page.getByRole('link', { name: message }).click();
  await page.getByRole('heading', { name: message }).waitFor();
  expect(await visitor.portray('alert')).toEqual([]);
  await page.getByRole('button', { name: 'Acknowledge' }).click();
  await page.getByText('Looked after by').waitFor();
  await api.post(`/tickets/${id}/unblock`, {});
  await page.getByText('itself: it is so no more').waitFor();

  await visitor.go('/alerts');
  await page.getByRole('button', { name: 'Change ticket blocked', exact: true }).click();
  await page.getByLabel('Severity').selectOption('error');
  await page.getByLabel('mail').check();
  expect(await visitor.portray('alert-rule')).toEqual([]);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('while ticket blocked, error, pages, Slack, mail, once in 10 min').waitFor();

  const received: string[] = [];
  const receiver = createServer((request, response) => {
    received.push(String(request.headers['webhook-id']));
    response.end();
  }).listen(0, 'localhost');
  await once(receiver, 'listening');
  await page.getByLabel('Name').fill('Pager');
  await page.getByLabel('Address').fill(`http://localhost:${(receiver.address() as AddressInfo).port}/`);
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByText(/whsec_/).waitFor();
  await page.getByRole('button', { name: 'Try Pager' }).click();
  await page.getByText('A message is on its way to Pager.', { exact: true }).waitFor();
  await eventually('the message comes', () => received.length > 0);
  receiver.close();
}, 150_000);

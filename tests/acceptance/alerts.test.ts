import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { newPerson, type Person } from '#tests/support/people.ts';
import { newProject } from '#tests/support/shared.ts';

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A receiver of webhooks that answers with these statuses, then with 200. */
class Receiver {
  readonly received: Received[] = [];
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}
  static async start(...statuses: number[]): Promise<Receiver> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        receiver.received.push({ headers: request.headers, body });
        response.writeHead(statuses.shift() ?? 200).end();
      });
    }).listen(0, 'localhost');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const receiver: Receiver = new Receiver(server, `http://localhost:${port}/hook`);
    return receiver;
  }
  stop = () => this.server.close();
}

interface Endpoint {
  id: string;
  secret: string | null;
  failing_since: string | null;
  last_error: string | null;
}

async function endpointOf({ api }: Person, receiver: Receiver, name: string): Promise<Endpoint> {
  return api.post('/alerts/endpoints', { name, url: receiver.url });
}
/** A critical ticket that a person blocks. */
async function blockedTicket({ api }: Person): Promise<string> {
  const { id: project_id } = await newProject(api);
  const words = { title: 'Pay', description: 'Wait for the bank.', priority: 'CRITICAL', workflow_mode: 'spec_driven' };
  const { id } = await api.post<{ id: string }>('/tickets', { project_id, ...words });
  await api.post(`/tickets/${id}/block`, { reason: 'The bank is silent.' });
  return id;
}
const deliveries = (person: Person, id: string, isEnd: (states: string[]) => boolean) =>
  person.api.until<{ items: { state: string; error: string | null }[] }>(
    `/alerts/endpoints/${id}/deliveries`,
    ({ items }) => isEnd(items.map(({ state }) => state)),
    60_000,
  );

test('[WATCH-14] an alert reaches an endpoint signed, under one id however often it is sent, and its end too', async () => {
  const person = await newPerson();
  const receiver = await Receiver.start(503);
  const endpoint = await endpointOf(person, receiver, 'Pager');
  expect(endpoint.secret).toMatch(/^whsec_/);
  const ticket = await blockedTicket(person);
  await deliveries(person, endpoint.id, ([state]) => state === 'sent');
  expect(receiver.received).toHaveLength(2);
  const [refused, taken] = receiver.received as [Received, Received];
  expect(taken.headers['webhook-id']).toBe(refused.headers['webhook-id']);
  const signed = (one: Received) =>
    new Webhook(endpoint.secret ?? '').verify(one.body, one.headers as Record<string, string>);
  expect(signed(taken)).toMatchObject({
    type: 'alert.triggered',
    data: { rule: 'ticket_blocked_critical', severity: 'critical', link: `/tickets/${ticket}`, current_value: 1 },
  });
  expect(() => signed({ ...taken, body: taken.body.replace('critical', 'harmless') })).toThrow();
  await person.api.post(`/tickets/${ticket}/unblock`, {});
  await deliveries(person, endpoint.id, (states) => states.length === 2 && states[0] === 'sent');
  expect(signed(receiver.received[2] as Received)).toMatchObject({
    type: 'alert.resolved',
    data: { resolved_by: 'platform' },
  });
  // The secret is shown once.
  expect(JSON.stringify(await person.api.get('/alerts/endpoints'))).not.toContain('whsec_');
  receiver.stop();
});

test('[WATCH-14] an endpoint that takes nothing any more is an alert on the other channels, until it takes a message', async () => {
  const person = await newPerson();
  const [gone, other] = [await Receiver.start(410), await Receiver.start()];
  const endpoint = await endpointOf(person, gone, 'Old pager');
  const works = await endpointOf(person, other, 'New pager');
  await blockedTicket(person);
  const failed = await deliveries(person, endpoint.id, (states) => states.includes('failed'));
  expect(failed.items[0]?.error).toContain('410');
  const open = await person.api.until<{ items: { rule: string; message: string }[] }>(
    '/alerts?state=open',
    ({ items }) => items.some(({ rule }) => rule === 'channel_dead'),
  );
  expect(open.items.find(({ rule }) => rule === 'channel_dead')?.message).toContain('Old pager takes no messages');
  await deliveries(person, works.id, (states) => states.filter((state) => state === 'sent').length === 2);
  expect(other.received.map(({ body }) => (JSON.parse(body) as { data: { rule: string } }).data.rule).sort()).toEqual([
    'channel_dead',
    'ticket_blocked_critical',
  ]);
  expect(gone.received).toHaveLength(1);
  await person.api.post(`/alerts/endpoints/${endpoint.id}/try`);
  await person.api.until<{ items: { rule: string }[] }>(
    '/alerts?state=open',
    ({ items }) => !items.some(({ rule }) => rule === 'channel_dead'),
    30_000,
  );
  gone.stop();
  other.stop();
});

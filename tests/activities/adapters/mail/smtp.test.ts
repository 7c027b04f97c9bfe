import { createSmtpMail } from '#activities/adapters/mail/smtp.ts';
import { loadConfig } from '#activities/services/config.ts';
import { headerOf, MailServer } from '#tests/support/smtp.ts';

const message = {
  id: '11111111-1111-4111-8111-111111111111',
  to: 'ada@example.test',
  subject: 'Grüße',
  text: 'Hello.',
};

let server: MailServer;
beforeEach(async () => {
  server = await new MailServer().start();
});
afterEach(() => server.stop());

async function send(url = server.url, from = 'OmoiOS <bot@omoios.test>') {
  const { port, close } = createSmtpMail(loadConfig({ mail: { smtp_url: url, from } }, {}));
  try {
    await port.send(message);
  } finally {
    await close?.();
  }
}

test('a mail reaches its receiver, with a Message-ID that follows from its id', async () => {
  await send();
  await send();
  expect(server.received.map(({ from, to }) => [from, to])).toEqual([
    ['bot@omoios.test', ['ada@example.test']],
    ['bot@omoios.test', ['ada@example.test']],
  ]);
  const ids = server.received.map(({ raw }) => headerOf(raw, 'Message-ID'));
  expect(ids).toEqual([`<${message.id}@omoios.test>`, `<${message.id}@omoios.test>`]);
  expect(server.received[0]?.raw).toContain('Hello.');
});

test.each([
  ['for now', { code: 451, message: 'Try again later' }, 'unavailable'],
  ['for good', { code: 550, message: 'No such user' }, 'invalid_rule'],
  ['by hanging up', 'hang up' as const, 'unavailable'],
])('a server that refuses a mail %s: %s gives %s', async (_how, refusal, code) => {
  server.refuse = () => refusal;
  await expect(send()).rejects.toMatchObject({ code });
});

test('a server that is away can come back, and wrong credentials can be corrected', async () => {
  const away = server.url;
  await server.stop();
  await expect(send(away)).rejects.toMatchObject({ code: 'unavailable' });
  server = await new MailServer({ user: 'bot', password: 'right' }).start();
  await expect(send(`smtp://bot:wrong@${server.address}`)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('SMTP_URL'),
  });
  await send(`smtp://bot:right@${server.address}`);
  expect(server.received).toHaveLength(1);
});

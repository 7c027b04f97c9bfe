import { randomBytes, randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '#activities/index.ts';
import { sendMail } from '#activities/ports/send-mail.ts';
import type { Services } from '#activities/ports/services.ts';
import { bundlePath } from '#temporal/bundle.ts';
import { dataConverter } from '#temporal/data-converter.ts';
import { stackServices } from '#tests/support/services.ts';
import { shared, temporalClient } from '#tests/support/shared.ts';
import { headerOf, MailServer } from '#tests/support/smtp.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const taskQueue = `mail-${randomUUID()}`;
const server = await new MailServer().start();
let services: Services;
let temporal: { client: Client; close(): Promise<void> };
let worker: Worker;
let done: Promise<void>;

/** Workers of the shared stack have no mail server, so these mails go to a worker that has one. */
beforeAll(async () => {
  const settings = { mail: { smtp_url: server.url } };
  const all = await stackServices(settings);
  temporal = await temporalClient();
  const startMail = async (id: string) => {
    await temporal.client.workflow.start('mailWorkflow', {
      workflowId: `mail:${id}`,
      taskQueue,
      args: [{ mail_id: id }],
    });
    return 'started' as const;
  };
  services = { ...all, workflows: { ...all.workflows, startMail } };
  worker = await Worker.create({
    connection: await NativeConnection.connect({ address: shared.temporalAddress }),
    taskQueue,
    workflowBundle: { codePath: bundlePath },
    dataConverter,
    activities: createActivities(services),
  });
  done = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await done;
  await temporal.close();
  await server.stop();
  await services.close();
});

const secret = () => randomBytes(16).toString('base64url');
const mail = () => {
  const token = secret();
  const to = `${secret().toLowerCase()}@example.test`;
  return { token, to, subject: 'A link', text: 'Open {link}', link: `https://omoios.test/verify-email?token=${token}` };
};
const ended = (id: string) => temporal.client.workflow.getHandle(`mail:${id}`).result();
/** The history with its payloads as text. */
const historyOf = async (id: string) =>
  historyToJSON(await temporal.client.workflow.getHandle(`mail:${id}`).fetchHistory()).replace(
    /"data": ?"([^"]*)"/g,
    (_all, data: string) => Buffer.from(data, 'base64').toString(),
  );
const received = (to: string) => server.received.filter((one) => one.to.includes(to));

test('[AUTH-07] a mail is sent once; its link is in no history, and is not kept', async () => {
  const { token, ...one } = mail();
  const id = await sendMail(services, one);
  expect((await services.store.mails.get(id)).sealed_link ?? '').not.toContain(token);
  await ended(id);
  expect(received(one.to)).toHaveLength(1);
  expect(received(one.to)[0]?.raw.replace(/=\r\n/g, '').replaceAll('=3D', '=')).toContain(one.link);
  const kept = await services.store.mails.get(id);
  expect(kept).toMatchObject({ state: 'sent', sealed_link: null, text: 'Open {link}' });
  expect(JSON.stringify(kept)).not.toContain(token);
  const history = await historyOf(id);
  expect(history).toContain(`{"mail_id":"${id}"}`);
  for (const hidden of [token, one.to]) expect(history).not.toContain(hidden);
  await sendMail(services, { ...one, id }).catch(() => undefined);
  expect(received(one.to)).toHaveLength(1);
});

test('[AUTH-07] while the server refuses for now the mail waits, and when it hangs up the receiver sees one Message-ID', async () => {
  const one = mail();
  let tries = 0;
  server.refuse = ({ to }) => {
    if (!to.includes(one.to)) return undefined;
    tries += 1;
    if (tries < 4) return { code: 451, message: `Later: ${one.link}` };
    return tries === 4 ? 'hang up' : undefined;
  };
  const id = await sendMail(services, one);
  await ended(id);
  expect(tries).toBe(5);
  expect(received(one.to).map(({ raw }) => headerOf(raw, 'Message-ID'))).toEqual([
    `<${id}@localhost>`,
    `<${id}@localhost>`,
  ]);
  const history = await historyOf(id);
  expect(history).toContain('The mail server does not take the mail');
  expect(history).not.toContain(one.token);
});

test('[AUTH-07] a mail that the server refuses for good fails, and says why', async () => {
  const one = mail();
  server.refuse = ({ to }) => (to.includes(one.to) ? { code: 550, message: `No user ${one.to}` } : undefined);
  const id = await sendMail(services, one);
  await ended(id);
  expect(await services.store.mails.get(id)).toMatchObject({
    state: 'failed',
    sealed_link: null,
    error: expect.stringMatching(/refuses the mail: 550 No user …/),
  });
});

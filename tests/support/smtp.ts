import { SMTPServer } from 'smtp-server';

interface Received {
  from: string;
  to: string[];
  /** Headers and body as they came. */
  raw: string;
}

/** A real SMTP server on this machine. `refuse` decides the answer to a mail: undefined takes it. */
export class MailServer {
  readonly received: Received[] = [];
  refuse: (mail: Received) => { code: number; message: string } | 'hang up' | undefined = () => undefined;
  private readonly server: SMTPServer;

  constructor(login?: { user: string; password: string }) {
    this.server = new SMTPServer({
      authOptional: login === undefined,
      disabledCommands: login ? ['STARTTLS'] : ['AUTH', 'STARTTLS'],
      onAuth: ({ username, password }, _session, done) =>
        username === login?.user && password === login?.password
          ? done(null, { user: username })
          : done(new Error('Wrong user or password')),
      onData: (stream, session, done) => {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          const mail = {
            from: mailFrom ? mailFrom.address : '',
            to: rcptTo.map(({ address }) => address),
            raw: Buffer.concat(parts).toString(),
          };
          const answer = this.refuse(mail);
          if (answer !== undefined && answer !== 'hang up')
            return done(Object.assign(new Error(answer.message), { responseCode: answer.code }));
          this.received.push(mail);
          if (answer === 'hang up') this.hangUp();
          else done();
        });
      },
    });
    this.server.on('error', () => undefined);
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', () => resolve()));
    return this;
  }

  /** Host and port. */
  get address(): string {
    const { port } = this.server.server.address() as { port: number };
    return `127.0.0.1:${port}`;
  }

  get url(): string {
    return `smtp://${this.address}`;
  }

  /** Ends every connection before the answer. */
  private hangUp(): void {
    for (const connection of this.server.connections)
      (connection as { _socket?: { destroy(): void } })._socket?.destroy();
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** The header of a received mail. */
export const headerOf = (raw: string, name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(raw)?.[1]?.trim();

import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { shared } from './shared.ts';

interface Block {
  type: string;
  block_id?: string;
  elements?: { action_id: string; value?: string; text: unknown }[];
}
export interface SlackReply {
  text: string;
  blocks?: Block[];
  response_type?: string;
  replace_original?: boolean;
}

interface Press {
  user: string;
  /** Beginning of the button's id, such as approve. */
  button: string;
  message: SlackReply;
  /** What was written into the field of a block. */
  words?: { block_id: string; text: string };
  /** Unix time in seconds at which Slack says that it signed. */
  time?: number;
  secret?: string;
}

/** Slack as the platform meets it: it takes messages, and sends what was pressed, signed. */
export class PlayedSlack {
  private constructor(
    private readonly server: Server,
    /** Messages to channels, and answers to presses, in order. */
    readonly sent: SlackReply[],
    readonly replies: SlackReply[],
  ) {}

  static async start(): Promise<PlayedSlack> {
    const [sent, replies]: SlackReply[][] = [[], []];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        (request.url?.startsWith('/actions') ? replies : sent)?.push(JSON.parse(body) as SlackReply);
        response.end('ok');
      });
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new PlayedSlack(server, sent ?? [], replies ?? []);
  }
  private at = (path: string) => `http://localhost:${(this.server.address() as AddressInfo).port}${path}`;
  get webhook() {
    return this.at('/services/channel');
  }
  close = () => new Promise((closed) => this.server.close(closed));

  /** @returns the status of the platform's answer. */
  async press({ user, button, message, words, time, secret = 'signs-buttons-of-slack' }: Press): Promise<number> {
    const pressed = (message.blocks ?? [])
      .flatMap(({ elements }) => elements ?? [])
      .find(({ action_id: id }) => id?.startsWith(button));
    if (!pressed) throw new Error(`The message has no button ${button}.`);
    const payload = {
      ...{ type: 'block_actions', team: { id: 'T1' }, user: { id: user, username: user.toLowerCase(), team_id: 'T1' } },
      ...{ response_url: this.at('/actions/1'), message, actions: [pressed] },
      state: { values: words ? { [words.block_id]: { words: { type: 'plain_text_input', value: words.text } } } : {} },
    };
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    const timestamp = String(time ?? Math.floor(Date.now() / 1000));
    const answer = await fetch(`${shared.url}/api/v1/slack/interactions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`,
      },
      body,
    });
    return answer.status;
  }
}

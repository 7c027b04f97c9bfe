import { WebSocket } from 'ws';
import { eventually } from './api.ts';

export interface LiveEvent {
  seq: number;
  type: string;
  organization_id: string;
  entity: { kind: string; id: string };
  data: Record<string, unknown>;
}

/** A listener to the live feed, like a page or another program. */
export class LiveFeed {
  readonly messages: Record<string, unknown>[] = [];
  closed: number | undefined;
  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => this.messages.push(JSON.parse(String(data)) as Record<string, unknown>));
    socket.on('close', (code) => (this.closed = code));
    socket.on('error', () => undefined);
  }

  /**
   * @param url where the stack listens, such as http://127.0.0.1:3000.
   * @param query the part behind the question mark, such as `after=7`.
   */
  static async open(url: string, key: string | undefined, query = ''): Promise<LiveFeed> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/ws?${query}`, {
      headers: key ? { authorization: `Bearer ${key}` } : {},
    });
    const feed = new LiveFeed(socket);
    await eventually('the live feed opens or closes', () => socket.readyState !== WebSocket.CONNECTING);
    return feed;
  }

  get events(): LiveEvent[] {
    return this.messages.filter((message) => typeof message.seq === 'number') as unknown as LiveEvent[];
  }

  /** Sends a message and waits for the answer. */
  async say(text: string): Promise<Record<string, unknown>> {
    const before = this.messages.length;
    this.socket.send(text);
    const answer = () => this.messages.slice(before).find((message) => 'status' in message || 'error' in message);
    await eventually('an answer on the live feed', () => answer() !== undefined);
    return answer() as Record<string, unknown>;
  }

  close(): void {
    this.socket.close();
  }
}

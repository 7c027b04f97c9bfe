import type { Response } from 'express';
import type { WireError } from '../usecases/model-gateway.ts';

/** Milliseconds without an event after which a ping is sent: what is between would take the connection for dead. */
const pingEveryMs = 15_000;

/** Writes an answer of the Messages API: its events as they arrive, its errors by status as long as no event was sent. */
export class MessageStream {
  private readonly ping: NodeJS.Timeout;
  private last: { type: string } | undefined;

  constructor(private readonly res: Response) {
    this.ping = setInterval(() => this.write({ type: 'ping' }), pingEveryMs);
  }

  get hasBegun(): boolean {
    return this.res.headersSent;
  }

  /** Sends an event. The end of a message waits for `end`, so that nobody has an answer whose cost is not recorded. */
  event(event: { type: string }): void {
    if (event.type === 'message_stop') this.last = event;
    else this.write(event);
  }

  end(): void {
    clearInterval(this.ping);
    if (this.last) this.write(this.last);
    this.res.end();
  }

  fail(error: WireError): void {
    clearInterval(this.ping);
    if (this.hasBegun) {
      this.write({ type: 'error', error: { type: error.type, message: error.message } });
      this.res.end();
    } else sendWireError(this.res, error);
  }

  close(): void {
    clearInterval(this.ping);
  }

  private write(event: { type: string; error?: object }): void {
    const { res } = this;
    if (res.destroyed || res.writableEnded) return;
    if (!res.headersSent) res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    this.ping.refresh();
    res.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  }
}

export function sendWireError(res: Response, { status, type, message, retryAfter }: WireError): void {
  if (retryAfter !== undefined) res.setHeader('retry-after', String(Math.ceil(retryAfter)));
  res.status(status).json({ type: 'error', error: { type, message } });
}

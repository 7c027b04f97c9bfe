import type { PersonalPreferences } from '#workflows/domain/access/preferences.ts';
import type { EventEnvelope } from '#workflows/domain/events/catalogue.ts';

export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'offline';

/** Text of a model while it is written: without a number, and not stored. */
export interface Delta {
  run_id: string;
  turn: number;
  /** Grows with each request of the run to its model. */
  try: number;
  model: string;
  text: string;
}

/** A person who looks at the same place, with one of their tabs, or who has left it. */
export interface Present {
  /** Of the tab. */
  id: string;
  user_id: string;
  name: string;
  here: boolean;
}

type Listener = (event: EventEnvelope) => void;

/**
 * A message of the server: a ping, that the person's rights or the look of their pages have changed, a delta, or an
 * event with its number.
 */
type FeedMessage =
  | { type: 'ping' | 'rights'; seq?: undefined }
  | { type: 'preferences'; seq?: undefined; user_id: string; data: PersonalPreferences }
  | { type: 'run.delta'; seq?: undefined; data: Delta }
  | { type: 'presence'; seq?: undefined; at: string; data: Present }
  | EventEnvelope;

/** Why the server ends the connection that it refuses. */
interface Refusal {
  error: string;
}

/** A connection without messages for this long is dead: the server sends a ping every 30 s. */
const silence = 75_000;

/**
 * A tab's only connection to the live feed. It resumes after the last number it received, so that each event arrives
 * exactly once, and reconnects without limit: after 1, 2, 4 ... 30 s, with jitter.
 */
export class LiveFeed {
  private socket?: WebSocket;
  private timer?: ReturnType<typeof setTimeout>;
  private watchdog?: ReturnType<typeof setTimeout>;
  private failures = 0;
  private closed = false;
  private state: ConnectionState = 'connecting';
  private readonly listeners = new Set<Listener>();
  private place?: { at: string; listener: (other: Present) => void };
  private readonly deltaListeners = new Map<string, Set<(delta: Delta) => void>>();

  constructor(
    private readonly organization: string,
    private seq: number | undefined,
    private readonly onState: (state: ConnectionState) => void,
    private readonly onRights: () => void,
    private readonly onPreferences: (userId: string, preferences: PersonalPreferences) => void,
  ) {
    window.addEventListener('online', this.wake);
    window.addEventListener('offline', this.wake);
    document.addEventListener('visibilitychange', this.wake);
    this.open();
  }

  /** Whether the feed continues after a known event, so that none is missed. */
  get continues(): boolean {
    return this.seq !== undefined;
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Tells others that this tab looks at a place, and hears of them. One place at a time. */
  present(at: string, listener: (other: Present) => void): () => void {
    this.place = { at, listener };
    this.tellPlace();
    return () => {
      this.place = undefined;
      this.tellPlace();
    };
  }

  /** A run's text while its model writes it. */
  deltas(runId: string, listener: (delta: Delta) => void): () => void {
    const known = this.deltaListeners.get(runId) ?? new Set();
    this.deltaListeners.set(runId, known.add(listener));
    this.askForDeltas();
    return () => {
      known.delete(listener);
      if (known.size === 0) this.deltaListeners.delete(runId);
      this.askForDeltas();
    };
  }

  close(): void {
    this.closed = true;
    window.removeEventListener('online', this.wake);
    window.removeEventListener('offline', this.wake);
    document.removeEventListener('visibilitychange', this.wake);
    clearTimeout(this.timer);
    clearTimeout(this.watchdog);
    this.socket?.close();
  }

  /** The tab is visible again or the network is back: reconnect now, without waiting for the timer. */
  private readonly wake = () => {
    if (!navigator.onLine) return this.become('offline');
    if (this.state === 'live' || document.visibilityState === 'hidden') return;
    clearTimeout(this.timer);
    if (!this.socket) this.open();
  };

  private become(state: ConnectionState): void {
    if (state === this.state) return;
    this.state = state;
    this.onState(state);
  }

  private open(): void {
    const { protocol, host } = window.location;
    const socket = new WebSocket(
      `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/api/v1/ws?organization_id=${this.organization}${this.seq === undefined ? '' : `&after=${this.seq}`}`,
    );
    this.socket = socket;
    this.watch(socket);
    // The server answers what this asks for once it has accepted the person: an open connection alone may be refused yet.
    socket.onopen = () => {
      this.askForDeltas();
      if (this.place) this.tellPlace();
    };
    socket.onmessage = ({ data }) => {
      this.watch(socket);
      const message = JSON.parse(String(data)) as FeedMessage | Refusal;
      if ('error' in message) return;
      this.failures = 0;
      this.become('live');
      this.onMessage(message);
    };
    socket.onclose = ({ code }) => void this.reopen(code);
  }

  private watch(socket: WebSocket): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => socket.close(), silence);
  }

  private async reopen(code: number): Promise<void> {
    this.socket = undefined;
    if (this.closed) return;
    this.become(navigator.onLine ? 'reconnecting' : 'offline');
    // The tab slept longer than events are kept.
    if (code === 4410) return window.location.reload();
    // The organization is gone for this person: the page's own data tell where to go.
    if (code === 1008) this.onRights();
    // The access token has expired, and this request renews it from the refresh cookie; or the sign-in has ended.
    if (code === 4401) {
      // A sign-out in this tab ends the feed too. It leads to the sign-in page by itself, which closes this feed.
      await new Promise((resolve) => setTimeout(resolve, 1000));
      if (this.closed) return;
      const signedIn = await fetch('/session').then(
        (r) => r.status !== 401,
        () => true,
      );
      if (this.closed) return;
      if (!signedIn)
        return window.location.assign(
          `/sign-in?to=${encodeURIComponent(window.location.pathname + window.location.search)}`,
        );
    }
    const wait = Math.min(30_000, 1000 * 2 ** this.failures++) * (0.75 + Math.random() / 2);
    this.timer = setTimeout(() => this.open(), wait);
  }

  private onMessage(message: FeedMessage): void {
    if (message.type === 'ping') return this.socket?.send('{"type":"pong"}');
    if (message.type === 'rights') return this.onRights();
    if (message.type === 'preferences' && message.seq === undefined) {
      const { user_id: userId, data } = message as { user_id: string; data: PersonalPreferences };
      return this.onPreferences(userId, data);
    }
    if (message.type === 'presence' && message.seq === undefined) {
      const { at, data } = message as { at: string; data: Present };
      if (at === this.place?.at) this.place.listener(data);
      return;
    }
    if (message.type === 'run.delta' && message.seq === undefined) {
      const { data: delta } = message as { data: Delta };
      this.deltaListeners.get(delta.run_id)?.forEach((listener) => listener(delta));
      return;
    }
    if (message.seq === undefined || (this.seq !== undefined && message.seq <= this.seq)) return;
    this.seq = message.seq;
    for (const listener of this.listeners) listener(message);
  }

  private tellPlace(): void {
    if (this.socket?.readyState === WebSocket.OPEN)
      this.socket.send(JSON.stringify({ type: 'present', at: this.place?.at ?? null }));
  }

  private askForDeltas(): void {
    if (this.socket?.readyState === WebSocket.OPEN)
      this.socket.send(JSON.stringify({ type: 'subscribe', deltas: [...this.deltaListeners.keys()] }));
  }
}

import { jest } from '@jest/globals';
import { LiveFeed } from '../../web/app/lib/live-feed.ts';

/** The connections that a page opens; the test answers for the server. */
class Connection {
  static readonly OPEN = 1;
  static all: Connection[] = [];
  readonly readyState = 1;
  onopen?: () => void;
  onmessage?: (message: { data: string }) => void;
  onclose?: (event: { code: number }) => void;
  send = () => undefined;
  close = () => undefined;
  constructor() {
    Connection.all.push(this);
  }
  refuse(code: number, error: string): void {
    this.onopen?.();
    this.onmessage?.({ data: JSON.stringify({ error }) });
    this.onclose?.({ code });
  }
}

const left: string[] = [];
const asked: string[] = [];
let session = 204;
const before = Object.getOwnPropertyDescriptors(globalThis);
beforeEach(() => {
  jest.useFakeTimers();
  [left.length, asked.length, Connection.all] = [0, 0, []];
  const nothing = () => undefined;
  const location = {
    protocol: 'http:',
    host: 'a',
    pathname: '/runs',
    search: '?q=1',
    assign: (to: string) => left.push(to),
  };
  const page = {
    window: { location, addEventListener: nothing, removeEventListener: nothing },
    document: { addEventListener: nothing, removeEventListener: nothing },
    navigator: { onLine: true },
    WebSocket: Connection,
    fetch: (address: string) => Promise.resolve({ status: (asked.push(address), session) }),
  };
  for (const [name, value] of Object.entries(page))
    Object.defineProperty(globalThis, name, { value, configurable: true });
});
afterEach(() => {
  jest.useRealTimers();
  for (const name of ['window', 'document', 'navigator', 'WebSocket', 'fetch'] as const)
    if (before[name]) Object.defineProperty(globalThis, name, before[name]);
    else Reflect.deleteProperty(globalThis, name);
});

const states: string[] = [];
const rights = jest.fn();
const open = () =>
  new LiveFeed(
    'o',
    0,
    (state) => states.push(state),
    rights,
    () => undefined,
  );

test('a page whose sign-in has ended asks once and leaves for the sign-in page', async () => {
  session = 401;
  const feed = open();
  Connection.all[0]?.refuse(4401, 'unauthenticated');
  await jest.advanceTimersByTimeAsync(120_000);
  expect([asked, left, Connection.all.length]).toEqual([['/session'], ['/sign-in?to=%2Fruns%3Fq%3D1'], 1]);
  feed.close();
});

test('a page that is refused over and over waits longer each time, is not live, and loads its data again', async () => {
  session = 204;
  const feed = open();
  let refused = 0;
  for (let passed = 0; passed < 120; passed += 1) {
    const newest = Connection.all.at(-1);
    if (newest?.onclose) {
      newest.refuse(1008, 'not_found');
      newest.onclose = undefined;
      refused += 1;
    }
    await jest.advanceTimersByTimeAsync(1000);
  }
  expect(Connection.all.length).toBeLessThan(12);
  expect(states).not.toContain('live');
  expect(refused).toBeGreaterThan(3);
  expect(rights).toHaveBeenCalledTimes(refused);
  Connection.all.at(-1)?.onmessage?.({ data: '{"status":"subscribed"}' });
  expect(states.at(-1)).toBe('live');
  feed.close();
});

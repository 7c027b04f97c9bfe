import type { IncomingMessage, Server } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { WebSocketServer, type WebSocket } from 'ws';
import { z } from 'zod';
import type { Services } from '#activities/ports/services.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { EventEnvelope } from '#workflows/domain/events/catalogue.ts';
import type { Authenticator } from './authenticate.ts';
import { createFeedAuthenticator, isRefusal, mayRead, type FeedCaller, type FeedRights } from './live-rights.ts';
import { requireKept, requireReached } from '../usecases/kept-events.ts';
import { createPresence, presentMessage, type Reader } from './presence.ts';
import type { Previews } from './preview.ts';
import { ignoreUpgrade } from './upgrade.ts';

interface Filter {
  types?: string[];
  entity_kinds?: string[];
  entity_ids?: string[];
  /** Runs whose text is streamed while the model writes it. */
  deltas?: string[];
}

interface Listener {
  socket: WebSocket;
  filter: Filter;
  /** Newest number sent; reading continues from there. */
  sent: number;
  reading: Promise<void>;
  wanted: boolean;
  lastSeenAt: number;
  rights: FeedRights;
  currentRights: FeedCaller['current'];
  reader: Reader;
}

const list = (value: unknown) =>
  typeof value === 'string'
    ? value
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean)
    : undefined;

const names = z.union([z.string(), z.array(z.string())]).optional();
const subscribe = z.object({
  type: z.literal('subscribe'),
  types: names,
  event_types: names,
  entity_kinds: names,
  entity_types: names,
  entity_ids: names,
  deltas: names,
});
const asList = (value: z.infer<typeof names>) =>
  value === undefined ? undefined : Array.isArray(value) ? value : list(value);

const matches = (filter: Filter, event: Pick<EventEnvelope, 'type' | 'entity'>) =>
  (!filter.types?.length || filter.types.includes(event.type)) &&
  (!filter.entity_kinds?.length || filter.entity_kinds.includes(event.entity.kind)) &&
  (!filter.entity_ids?.length || filter.entity_ids.includes(event.entity.id));

const wantsDelta = (filter: Filter, event: Pick<EventEnvelope, 'type' | 'entity'>) =>
  filter.deltas?.includes(event.entity.id) || (filter.types?.includes('run.delta') && matches(filter, event));

/** Closes a connection whose events are no longer kept, like the status 410. */
const goneCode = 4410;
const batch = 500;
/** Seconds after which the rights of a listener are read again at the latest. */
const maxSecondsUnchecked = 30;

/**
 * The live feed. Each listener reads the outbox from the last event it received, so it gets each event once and in
 * order, even when the bus loses a message; the bus only signals that there are new events. A listener that is too
 * slow is disconnected and resumes by number.
 */
export function attachLive(
  server: Server,
  services: Services,
  authenticator: Authenticator,
  previews: Pick<Previews, 'upgrade'>,
): { close(): void } {
  const { store, bus, config, log } = services;
  const wss = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 });
  const authenticate = createFeedAuthenticator(store, authenticator);
  const byOrganization = new Map<string, Set<Listener>>();
  const presence = createPresence(bus);

  /** Reads the rights of a listener again, and ends its connection when they have ended. */
  async function recheck(listener: Listener): Promise<void> {
    try {
      const rights = await listener.currentRights();
      if (!rights) return listener.socket.close(4401, 'access has ended');
      // A page shows what its person may do, and loads itself again.
      if (!isDeepStrictEqual(rights, listener.rights)) listener.socket.send(JSON.stringify({ type: 'rights' }));
      listener.rights = rights;
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'the rights of a listener to the live feed could not be read');
    }
  }

  /** Sends the events that the listener lacks. One read at a time; a request during a read causes one more. */
  function catchUp(listener: Listener): void {
    if (listener.wanted) return;
    listener.wanted = true;
    listener.reading = listener.reading.then(async () => {
      listener.wanted = false;
      try {
        await sendNew(listener);
      } catch (error) {
        log.warn({ error: (error as Error).message }, 'the live feed could not be read');
      }
    });
  }

  async function sendNew(listener: Listener): Promise<void> {
    for (;;) {
      const events = await store.events.after(listener.rights.organization_id, listener.sent, batch);
      for (const event of events) {
        if (listener.socket.readyState !== listener.socket.OPEN) return;
        if (matches(listener.filter, event) && mayRead(listener.rights, event))
          listener.socket.send(JSON.stringify(event));
        listener.sent = event.seq;
      }
      if (listener.socket.bufferedAmount > config.live.max_buffer_kb * 1024) {
        listener.socket.close(1013, 'too slow: resume from the last number');
        return;
      }
      if (events.length < batch) return;
    }
  }

  function onMessage(listener: Listener, text: string): void {
    listener.lastSeenAt = performance.now();
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      listener.socket.send(JSON.stringify({ error: 'Invalid JSON message' }));
      return;
    }
    const present = presentMessage.safeParse(message);
    if (present.success)
      void presence.move(listener.reader, present.data.at).catch((error: unknown) => {
        log.warn({ error: String(error) }, 'a reader of the live feed could not be shown to others');
      });
    const parsed = subscribe.safeParse(message);
    if (!parsed.success) return;
    const { types, event_types, entity_kinds, entity_types, entity_ids, deltas } = parsed.data;
    const next: Filter = {
      types: asList(types ?? event_types),
      entity_kinds: asList(entity_kinds ?? entity_types),
      entity_ids: asList(entity_ids),
      deltas: asList(deltas),
    };
    for (const key of ['types', 'entity_kinds', 'entity_ids', 'deltas'] as const)
      if (next[key]) listener.filter[key] = next[key];
    listener.socket.send(JSON.stringify({ status: 'subscribed', filters: listener.filter }));
  }

  async function open(socket: WebSocket, req: IncomingMessage): Promise<void> {
    const query = new URLSearchParams((req.url ?? '').split('?')[1]);
    const early: string[] = [];
    const collect = (data: unknown) => void early.push(String(data));
    socket.on('message', collect);
    let caller;
    try {
      caller = await authenticate(req, query);
    } catch (error) {
      const { code = 'unauthenticated', details } = error instanceof AppError ? error : {};
      socket.send(JSON.stringify({ error: code, message: (error as Error).message, ...(details ? { details } : {}) }));
      const isNamed = error instanceof AppError && !isRefusal(error);
      socket.close(isNamed ? 1008 : 4401, isNamed ? 'name an organization' : 'unauthenticated');
      return;
    }
    const asked = query.get('after') ?? query.get('since');
    const after = asked === null ? undefined : Number(asked);
    if (after !== undefined && (!Number.isSafeInteger(after) || after < 0)) {
      socket.send(
        JSON.stringify({
          error: 'invalid_body',
          message: 'after must be the number of the last event that you received.',
        }),
      );
      socket.close(1008, 'after is not a number');
      return;
    }
    const { organization_id: organizationId } = caller.rights;
    if (after !== undefined) {
      try {
        await requireKept(store, organizationId, after);
        await requireReached(store, organizationId, after);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'gone') throw error;
        socket.send(JSON.stringify({ error: error.code, message: error.message, details: error.details }));
        socket.close(goneCode, 'no longer kept');
        return;
      }
    }
    const sent = after ?? (await store.events.newest(organizationId));
    // A connection that ended while it was authenticated emits no `close` any more.
    if (socket.readyState !== socket.OPEN) return;
    const listener: Listener = {
      socket,
      sent,
      reading: Promise.resolve(),
      wanted: false,
      lastSeenAt: performance.now(),
      rights: caller.rights,
      currentRights: caller.current,
      reader: {
        organization_id: organizationId,
        user_id: caller.rights.user_id,
        name: async () => {
          const user = await store.identity.userById(caller.rights.user_id);
          return user?.full_name ?? user?.email ?? 'Somebody';
        },
        send: (message) => socket.send(JSON.stringify(message)),
      },
      filter: {
        types: list(query.get('types') ?? query.get('event_types') ?? undefined),
        entity_kinds: list(query.get('entity_kinds') ?? query.get('entity_types') ?? undefined),
        entity_ids: list(query.get('entity_ids') ?? undefined),
      },
    };
    byOrganization.set(organizationId, (byOrganization.get(organizationId) ?? new Set()).add(listener));
    socket.off('message', collect);
    socket.on('message', (data) => onMessage(listener, String(data)));
    for (const text of early) onMessage(listener, text);
    const ping = setInterval(() => {
      if (performance.now() - listener.lastSeenAt >= config.live.ping * 1000 * 0.9)
        socket.send(JSON.stringify({ type: 'ping' }));
      // A lost message of the bus delays an event by at most one ping.
      catchUp(listener);
      presence.again(listener.reader);
    }, config.live.ping * 1000);
    const check = setInterval(() => void recheck(listener), Math.min(config.live.ping, maxSecondsUnchecked) * 1000);
    socket.on('close', () => {
      clearInterval(ping);
      clearInterval(check);
      byOrganization.get(organizationId)?.delete(listener);
      presence.leave(listener.reader);
    });
    catchUp(listener);
  }

  server.on('upgrade', (req, socket, head) => {
    if (previews.upgrade(req, socket, head)) return;
    const [path = ''] = (req.url ?? '').split('?');
    const isLive = path === '/api/v1/ws' || path === '/api/v1/ws/events';
    if (!isLive || req.headers.upgrade?.toLowerCase() !== 'websocket') {
      ignoreUpgrade(server, req, socket, head);
      return;
    }
    wss.handleUpgrade(req, socket, head, (ws) => {
      // A frame that is too large or malformed. The socket closes itself with 1009 or 1002, but the event without a
      // listener would end the process.
      ws.on('error', (error) => log.debug({ error: error.message }, 'the live feed received a frame that it refuses'));
      open(ws, req).catch((error: unknown) => {
        log.warn({ error: String(error) }, 'the live feed refused a connection');
        ws.close(1013, 'not ready');
      });
    });
  });

  const catchUpAll = () => byOrganization.forEach((listeners) => listeners.forEach(catchUp));
  const stop = [
    presence.stop,
    bus.subscribe('events', ({ organization_id: id }) => byOrganization.get(id)?.forEach(catchUp)),
    bus.onReconnect(catchUpAll),
    bus.subscribe('rights', ({ user_id: userId }) =>
      byOrganization.forEach((listeners) =>
        listeners.forEach((listener) => listener.rights.user_id === userId && void recheck(listener)),
      ),
    ),
    bus.subscribe('preferences', ({ user_id: userId, preferences: data }) =>
      byOrganization.forEach((listeners) =>
        listeners.forEach(
          ({ rights, socket }) =>
            rights.user_id === userId && socket.send(JSON.stringify({ type: 'preferences', user_id: userId, data })),
        ),
      ),
    ),
    // A model's text while it is written has no number, since it is not stored. Only listeners that ask for it get it.
    bus.subscribe('deltas', ({ organization_id: id, run_id: runId, ...data }) => {
      const event = { type: 'run.delta', organization_id: id, entity: { kind: 'run', id: String(runId) } };
      byOrganization.get(id)?.forEach((listener) => {
        const wanted = wantsDelta(listener.filter, event) && mayRead(listener.rights, event);
        if (wanted && listener.socket.bufferedAmount < 256 * 1024)
          listener.socket.send(JSON.stringify({ ...event, data: { run_id: runId, ...data } }));
      });
    }),
  ];
  return {
    close: () => {
      stop.forEach((unsubscribe) => unsubscribe());
      wss.clients.forEach((socket) => socket.close(1012, 'restarting'));
      wss.close();
    },
  };
}

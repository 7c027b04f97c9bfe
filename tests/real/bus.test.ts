import { createInProcessBus } from '#activities/adapters/bus/in-process.ts';
import { createRedisBus, publishOnce } from '#activities/adapters/bus/redis.ts';
import type { BusMessage, BusPort } from '#activities/ports/bus.ts';
import { eventually } from '#tests/support/api.ts';
import { redisUrl, Wire } from './services.ts';

const ping = (bus: BusPort) =>
  bus.ping().then(
    () => true,
    () => false,
  );

/** What every bus does; `speaker` and `listener` may be two processes' ends of one. */
function itCarries(open: () => Promise<{ speaker: BusPort; listener: BusPort }>): void {
  test('a word reaches every listener of its channel, and none after it has left', async () => {
    const { speaker, listener } = await open();
    const heard: BusMessage[] = [];
    const alsoHeard: BusMessage[] = [];
    const leave = listener.subscribe('events', (message) => void heard.push(message));
    listener.subscribe('events', (message) => void alsoHeard.push(message));
    listener.subscribe('deltas', () => expect('a delta').toBe('an event'));
    const organization = crypto.randomUUID();
    // The first word is repeated until the listener's end is there: nobody waits for it to be.
    await eventually('the first word is heard', () => {
      speaker.publish('events', { organization_id: organization, n: 0 });
      return heard.length > 0;
    });
    const before = alsoHeard.filter((message) => message.n === 1).length;
    leave();
    speaker.publish('events', { organization_id: organization, n: 1 });
    await eventually(
      'the second listener hears on',
      () => alsoHeard.filter((message) => message.n === 1).length === before + 1,
    );
    expect(heard.some((message) => message.n === 1)).toBe(false);
    await Promise.all([speaker.close(), listener.close()]);
  });
}

describe('the bus in one process', () => {
  itCarries(async () => {
    const bus = createInProcessBus();
    return { speaker: bus, listener: bus };
  });
});

describe('the bus on Redis', () => {
  itCarries(async () => ({
    speaker: createRedisBus(redisUrl(), () => undefined),
    listener: createRedisBus(redisUrl(), () => undefined),
  }));

  test('Redis gone blocks no caller; back again, listeners are notified and receive again', async () => {
    const wire = await Wire.to(redisUrl());
    const bus = createRedisBus(wire.url, () => undefined);
    const heard: BusMessage[] = [];
    let told = 0;
    bus.subscribe('events', (message) => void heard.push(message));
    bus.onReconnect(() => (told += 1));
    await eventually('it is there', () => ping(bus));
    wire.cut();
    await eventually('it is gone', async () => !(await ping(bus)));
    const began = Date.now();
    for (let i = 0; i < 1000; i += 1) bus.publish('events', { organization_id: 'o', n: i });
    expect(Date.now() - began).toBeLessThan(1000);
    wire.mend();
    await eventually('listeners are told', () => told > 0);
    await eventually('a word is heard again', () => {
      bus.publish('events', { organization_id: 'o', n: -1 });
      return heard.some((message) => message.n === -1);
    });
    await bus.close();
    await wire.stop();
  });

  test('a program without a bus of its own is heard, and is told when Redis does not answer', async () => {
    const bus = createRedisBus(redisUrl(), () => undefined);
    const heard: BusMessage[] = [];
    bus.subscribe('rights', (message) => void heard.push(message));
    await eventually('it is heard', async () => {
      await publishOnce(redisUrl(), 'rights', { organization_id: '', user_id: 'u' });
      return heard.some((message) => message.user_id === 'u');
    });
    await expect(publishOnce('redis://127.0.0.1:9', 'rights', { organization_id: '' })).rejects.toThrow();
    await bus.close();
  });

  test('foreign messages in the channel stop no listener', async () => {
    const bus = createRedisBus(redisUrl(), () => undefined);
    const { Redis } = await import('ioredis');
    const stranger = new Redis(redisUrl());
    const heard: BusMessage[] = [];
    bus.subscribe('events', (message) => void heard.push(message));
    await eventually('a word is heard after nonsense', async () => {
      await stranger.publish('omoios.events', 'no json {');
      bus.publish('events', { organization_id: 'o', n: 7 });
      return heard.some((message) => message.n === 7);
    });
    stranger.disconnect();
    await bus.close();
  });
});

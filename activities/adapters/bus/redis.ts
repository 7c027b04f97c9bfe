import { EventEmitter } from 'node:events';
import { Redis } from 'ioredis';
import { busChannels, type BusChannel, type BusMessage, type BusPort } from '../../ports/bus.ts';

const channelName = (channel: string) => `omoios.${channel}`;

/** Sends one message for a program that has no bus of its own. Rejects when Redis does not answer. */
export async function publishOnce(url: string, channel: BusChannel, message: BusMessage): Promise<void> {
  const client = new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: 3000 });
  // Without a listener the event would end the process; the command rejects with the same error.
  client.on('error', () => undefined);
  try {
    await client.publish(channelName(channel), JSON.stringify(message));
  } finally {
    client.disconnect();
  }
}

/**
 * Redis pub/sub. While Redis is away, publishing drops messages instead of blocking. The outbox has every event, and
 * listeners are notified when the connection is back.
 */
export function createRedisBus(url: string, onError: (error: Error) => void): BusPort {
  const emitter = new EventEmitter().setMaxListeners(0);
  const options = {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    retryStrategy: (times: number) => Math.min(200 * times, 5000),
  };
  // Without a time limit, a command that was being sent when the connection broke would never settle.
  const publisher = new Redis(url, { ...options, commandTimeout: 3000 });
  const subscriber = new Redis(url, {
    ...options,
    enableOfflineQueue: true,
    maxRetriesPerRequest: null,
    autoResubscribe: true,
  });
  for (const client of [publisher, subscriber]) client.on('error', onError);
  void subscriber.subscribe(...busChannels.map(channelName)).catch(onError);
  subscriber.on('message', (name: string, text: string) => {
    try {
      emitter.emit(name, JSON.parse(text) as BusMessage);
    } catch {
      // Not a message of this system: any client of the Redis server can publish to the channel.
    }
  });
  let connected = false;
  subscriber.on('ready', () => {
    if (connected) emitter.emit('reconnect');
    connected = true;
  });
  return {
    provider: 'redis',
    publish: (channel, message) => {
      if (publisher.status === 'ready')
        void publisher.publish(channelName(channel), JSON.stringify(message)).catch(onError);
    },
    subscribe: (channel, listener) => {
      emitter.on(channelName(channel), listener);
      return () => emitter.off(channelName(channel), listener);
    },
    onReconnect: (listener) => {
      emitter.on('reconnect', listener);
      return () => emitter.off('reconnect', listener);
    },
    ping: async () => void (await publisher.ping()),
    close: async () => {
      emitter.removeAllListeners();
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

import { EventEmitter } from 'node:events';
import type { BusPort } from '../../ports/bus.ts';

/** Fan-out within one process, for a deployment where API and worker share it. */
export function createInProcessBus(): BusPort {
  const emitter = new EventEmitter().setMaxListeners(0);
  return {
    provider: 'in-process',
    publish: (channel, message) => void emitter.emit(channel, message),
    subscribe: (channel, listener) => {
      emitter.on(channel, listener);
      return () => emitter.off(channel, listener);
    },
    onReconnect: () => () => undefined,
    ping: async () => undefined,
    close: async () => void emitter.removeAllListeners(),
  };
}

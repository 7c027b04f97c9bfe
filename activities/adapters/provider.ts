import type { Settings } from '../services/config-schema.ts';

/**
 * An entry in the table of a port's adapters (`<port>/index.ts`). Its name is the value of the setting
 * `<part>.provider`. `create` loads the adapter's module, so that reading the settings loads no SDK.
 */
export interface Provider<Port, Parts> {
  /** Runs inside OmoiOS itself: production refuses it unless ALLOW_EMBEDDED=1. */
  embedded: boolean;
  /** Whether its key or URL is set. If so, it is chosen when the settings name no provider. */
  configured?(settings: Settings): boolean;
  create(parts: Parts): Promise<Created<Port>>;
}

export interface Created<Port> {
  port: Port;
  /** Called once, when the services are closed. */
  close?(): Promise<void>;
}

/** Adapters of a port by name. */
export type Providers<Port, Parts> = Record<string, Provider<Port, Parts>>;

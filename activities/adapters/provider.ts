import type { Settings } from '../services/config-schema.ts';

/**
 * One line in the table of a port's adapters (`<port>/index.ts`). The name of the line is the value of the setting
 * `<part>.provider`. The module of the adapter is loaded by `create`, so that reading the settings loads no SDK.
 */
export interface Provider<Port, Parts> {
  /** Part of OmoiOS itself: production refuses it unless ALLOW_EMBEDDED=1. */
  embedded: boolean;
  /** Whether its key or URL is set. If so, it is chosen where the settings name no provider. */
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

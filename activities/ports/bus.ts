/**
 * Sends messages to all processes. Each message arrives at most once: a reader that needs every event continues in the
 * outbox at the number where it stopped.
 */
export interface BusPort {
  readonly provider: string;
  /** Returns at once. While the bus is down the message is lost. */
  publish(channel: BusChannel, message: BusMessage): void;
  /** @returns a function that removes the listener. */
  subscribe(channel: BusChannel, listener: (message: BusMessage) => void): () => void;
  /** Calls the listener after each reconnect: messages published meanwhile are lost. @returns a function to stop. */
  onReconnect(listener: () => void): () => void;
  /** Rejects when the bus does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * `events`: the outbox has new events. `deltas`: text of a model while it is written, which is never stored. `rights`: a
 * sign-in or a key of a user has ended. `cuts`: the step under way of a run ends now, since its workflow was told so; the
 * heartbeat tells it later. `preferences`: a user has changed how pages look to them. `presence`: who looks at what.
 */
export const busChannels = ['events', 'deltas', 'rights', 'cuts', 'preferences', 'presence'] as const;
export type BusChannel = (typeof busChannels)[number];

export interface BusMessage {
  /** Empty where a message concerns a user in all organizations. */
  organization_id: string;
  [key: string]: unknown;
}

/** Ends the step under way of a run, whose workflow has accepted an interrupt or a stop. */
export const cutRun = (bus: BusPort, organizationId: string, runId: string): void =>
  bus.publish('cuts', { organization_id: organizationId, run_id: runId });

/** Open feeds of a user look at their rights again. @param organizationId of the change; empty where it concerns all. */
export const tellRights = (bus: BusPort, userId: string, organizationId = ''): void =>
  bus.publish('rights', { organization_id: organizationId, user_id: userId });

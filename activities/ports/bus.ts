/** Fan-out between processes. At most once: a reader that must not miss anything continues in the outbox from where it stopped. */
export interface BusPort {
  readonly provider: string;
  publish(channel: BusChannel, message: BusMessage): void;
  subscribe(channel: BusChannel, listener: (message: BusMessage) => void): () => void;
  /** Called whenever the connection came back: what was published meanwhile is lost here. */
  onReconnect(listener: () => void): () => void;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** `events`: the outbox grew. `deltas`: a model is writing; never stored. */
type BusChannel = 'events' | 'deltas';

export interface BusMessage {
  organization_id: string;
  [key: string]: unknown;
}

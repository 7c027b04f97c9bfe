import { AppError } from '#workflows/domain/errors.ts';

interface OutgoingLimits {
  /** Bytes of an answer's body, after it is decompressed. */
  max_bytes: number;
  /** Seconds of the whole call, with its body. */
  timeout: number;
}

/** Calls addresses that people set. */
export interface Outgoing {
  /** A `fetch` within limits. @throws OutgoingRefused where an address is refused, also that of a redirect. */
  within(limits: OutgoingLimits): typeof fetch;
  /** Looks at an address before it is stored. A name without an address passes. @throws OutgoingRefused */
  check(url: string): Promise<void>;
  close(): Promise<void>;
}

/** An address that the platform does not call, whoever asks. */
export class OutgoingRefused extends AppError {
  constructor(message: string) {
    super('invalid_rule', message);
  }
}

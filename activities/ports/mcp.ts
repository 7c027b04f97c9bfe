/** A server of tools, as it is called. */
export interface McpAddress {
  url: string;
  /** Sent as a bearer token. */
  token?: string;
}

/** A tool as a server lists it now. */
export interface ListedTool {
  name: string;
  description: string;
  schema: unknown;
}

interface McpAnswer {
  /** All text of the answer. What is no text is named, not kept. */
  text: string;
  /** The tool says that it failed. */
  is_error: boolean;
}

/** One connection to a server. All of it, from its opening on, has `callSeconds` (rules.ts). */
interface McpSession {
  /** @throws McpFailure */
  tools(): Promise<ListedTool[]>;
  /** @throws McpFailure */
  call(tool: string, params: Record<string, unknown>): Promise<McpAnswer>;
  close(): void;
}

/** Speaks to servers of tools (MCP) over streamable HTTP, and judges their schemas. */
export interface McpPort {
  /** @throws McpFailure */
  open(address: McpAddress, signal?: AbortSignal): Promise<McpSession>;
  /** SHA-256, in hex, of a value as JSON; the order of fields does not matter. */
  digest(value: unknown): string;
  /** Why a schema of parameters is not one of JSON Schema draft 7; undefined for one that is. */
  schemaProblem(schema: unknown): string | undefined;
  /** Why parameters do not fit a schema; undefined where they do. */
  paramsProblem(schema: unknown, params: unknown): string | undefined;
}

export interface FailureFacts {
  /** It can pass by itself: the call may be made again, as far as it cannot have run. */
  passes: boolean;
  /** A call that was sent may have run, though no answer came. */
  may_have_run: boolean;
  /** It speaks against the server, so the breaker counts it. */
  counts: boolean;
}

/** A call that got no answer of its tool. The message is a sentence for a person. */
export class McpFailure extends Error implements FailureFacts {
  override readonly name = 'McpFailure';
  readonly passes: boolean;
  readonly may_have_run: boolean;
  readonly counts: boolean;
  constructor(message: string, { passes, may_have_run, counts }: FailureFacts, cause?: unknown) {
    super(message, { cause });
    this.passes = passes;
    this.may_have_run = may_have_run;
    this.counts = counts;
  }
}

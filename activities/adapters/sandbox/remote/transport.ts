import type { Readable, Writable } from 'node:stream';
import type { CommandSpec, SandboxPort, SandboxSpec } from '../../../ports/sandbox.ts';

/**
 * A place with sandboxes on other machines: it starts and ends them, runs one program in each, and moves files. Everything
 * else is done inside by the platform's own scripts. Every call may be repeated.
 */
export interface RemoteTransport {
  readonly provider: string;
  /** What a sandbox is made from that names nothing of its own. */
  readonly image: string;
  readonly origins: SandboxPort['origins'];
  /** Where commands with network `platform` reach the platform; undefined: they do not. */
  readonly platformUrl?: string;
  /** Starts the sandbox, or makes it, and waits until programs run in it. @throws AppError when it does not start. */
  start(id: string, labels: Record<string, string>, origin?: SandboxSpec['origin']): Promise<void>;
  status(id: string): Promise<'running' | 'stopped' | 'absent'>;
  labels(id: string): Promise<Record<string, string> | undefined>;
  list(): Promise<string[]>;
  /** An absent sandbox is not an error. */
  destroy(id: string): Promise<void>;
  /**
   * Runs a command line of plain words, each without a character that a shell knows, with the rights of the sandbox's user.
   * @returns the exit code, and what it printed on stdout and stderr.
   * @throws SandboxError('lost') when the sandbox does not exist or does not run.
   */
  run(
    id: string,
    words: string[],
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<{ exitCode: number; output: string }>;
  /** @throws SandboxError('lost') */
  upload(id: string, path: string, content: Blob): Promise<void>;
  /** @throws SandboxError('lost') */
  download(id: string, path: string): Promise<Readable>;
  /** How the ports of a sandbox are reached; absent: they are not. */
  readonly ports?:
    | {
        /** Starts a program whose stdin and stdout are the connection. @throws SandboxError('lost') */
        connect(id: string, words: string[]): Promise<{ from: Readable; to: Writable }>;
      }
    | {
        /** Where the place shows a port of the loopback over HTTP, to whoever sends the headers. @throws SandboxError('lost') */
        addressOf(id: string, port: number): Promise<{ url: string; headers: Record<string, string> }>;
      };
  /** What the whole sandbox reaches from now on. */
  setNetwork(id: string, network: CommandSpec['network']): Promise<void>;
}

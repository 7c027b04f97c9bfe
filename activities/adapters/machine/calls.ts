import type { RepositoriesPort } from '../../ports/repositories.ts';
import type { SandboxPort } from '../../ports/sandbox.ts';
import type { Packs } from '../sandbox/remote/packs.ts';
import type { SetupLimits } from '../sandbox/local/setups.ts';
import type { Failure } from './failures.ts';

export interface MachineOptions {
  /** Absolute path of the data folder, which contains the mirrors and the sandboxes. */
  dataDir: string;
  /** Folders in which a repository must be; undefined: anywhere. */
  roots?: string[];
  /** Names this machine and data folder, where several machines have sandboxes of their own. */
  host?: string;
  /** `none`: commands get no settings of package clients. Default `auto`. */
  packageSettings?: 'auto' | 'none';
  /** Hosts, host:port, addresses and networks that commands with network may reach besides public ones. */
  networkAllow?: string[];
  /** The folder of the Claude Agent SDK, which commands see read-only. */
  sdk?: string | undefined;
  /** Address of the platform's API as this machine reaches it; undefined: commands do not reach it. */
  apiUrl?: string;
  /** Limits of what is kept of set-ups. */
  setups?: Partial<SetupLimits>;
}

/** Names of methods that take and return plain data. */
type Asked<Port> = {
  [Name in keyof Port]: Port[Name] extends (...args: never) => Promise<unknown> ? Name : never;
}[keyof Port];

export type RepositoriesMethod = Asked<RepositoriesPort>;
export type SandboxMethod = Exclude<Asked<SandboxPort>, 'waitCommand'>;

/** An error is part of an answer: so its class and its code arrive. */
export type Answer = { value: unknown } | { failure: Failure };

/** The calls that the process answers. */
export interface MachineCalls {
  /** `isolated` and `isolationProblem` of its sandboxes. */
  facts(): Promise<Answer>;
  repositories(method: RepositoriesMethod, args: unknown[]): Promise<Answer>;
  sandbox(method: SandboxMethod, args: unknown[]): Promise<Answer>;
  packs(method: keyof Packs, args: unknown[]): Promise<Answer>;
  /** Waits for a command. @param call a number by which `abort` names this wait. */
  wait(call: number, id: string, job: string, timeoutMs: number): Promise<Answer>;
  abort(call: number): Promise<void>;
}

import type { Config } from '../services/config.ts';
import type { BusPort } from './bus.ts';
import type { CodeHostPort } from './code-host.ts';
import type { GithubPort } from './github.ts';
import type { IdentityProvider } from './identity-provider.ts';
import type { Embedder } from './embeddings.ts';
import type { MailPort } from './mail.ts';
import type { Payments } from './payments.ts';
import type { McpPort } from './mcp.ts';
import type { ModelPort } from './model.ts';
import type { ModelPermits } from './model-permits.ts';
import type { Outgoing } from './outgoing.ts';
import type { RepositoriesPort } from './repositories.ts';
import type { SandboxPort } from './sandbox.ts';
import type { SecretsPort } from './secrets.ts';
import type { Store } from './store.ts';
import type { WorkflowsPort } from './workflows.ts';

export interface Log {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

/** Watches the free space of the data folder. */
export interface DiskGuard {
  /** Explains to a person why no new work starts; undefined while there is enough space. */
  problem(): string | undefined;
  /** @throws AppError('unavailable') when there is too little space. */
  requireSpace(): void;
}

/** The adapters of all ports, chosen once by createServices. */
export interface Services {
  config: Config;
  log: Log;
  disk: DiskGuard;
  store: Store;
  bus: BusPort;
  model: ModelPort;
  permits: ModelPermits;
  sandbox: SandboxPort;
  repositories: RepositoriesPort;
  codeHost: CodeHostPort;
  github: GithubPort;
  embeddings: Embedder;
  /** Where people may sign in, by the name in addresses. */
  identityProviders: ReadonlyMap<string, IdentityProvider>;
  mail: MailPort;
  /** Absent where no provider takes payments: the ledger is kept, and nothing is charged. */
  payments?: Payments;
  workflows: WorkflowsPort;
  secrets: SecretsPort;
  outgoing: Outgoing;
  mcp: McpPort;
  /** Aborted when the worker is told to end: what goes on turn after turn begins no further one. */
  ending?: AbortSignal;
  /** Removes known secrets from a text before it is stored or sent to a model. */
  redact(text: string): string;
  close(): Promise<void>;
}

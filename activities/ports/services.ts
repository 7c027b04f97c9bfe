import type { Config } from '../services/config.ts';
import type { BusPort } from './bus.ts';
import type { CodeHostPort } from './code-host.ts';
import type { EmbeddingsPort } from './embeddings.ts';
import type { ModelPort } from './model.ts';
import type { RepositoriesPort } from './repositories.ts';
import type { SandboxPort } from './sandbox.ts';
import type { Store } from './store.ts';
import type { WorkflowsPort } from './workflows.ts';

export interface Log {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

/** Whether the disk has room for more work. */
export interface Room {
  /** Why nothing new is begun, in words for a person; undefined while there is room. */
  problem(): string | undefined;
  /** @throws AppError('unavailable') without room. */
  demand(): void;
}

/** Everything the outside world is reached by, chosen once by createServices. */
export interface Services {
  config: Config;
  log: Log;
  room: Room;
  store: Store;
  bus: BusPort;
  model: ModelPort;
  sandbox: SandboxPort;
  repositories: RepositoriesPort;
  codeHost: CodeHostPort;
  embeddings: EmbeddingsPort;
  workflows: WorkflowsPort;
  /** Takes known secrets out of a text before it is stored or sent to a model. */
  redact(text: string): string;
  close(): Promise<void>;
}

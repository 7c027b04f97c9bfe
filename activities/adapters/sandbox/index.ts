import type { SandboxPort } from '../../ports/sandbox.ts';
import type { Providers } from '../provider.ts';

export interface SandboxParts {
  /** Absolute path of the data folder. */
  dataDir: string;
  /** Path of a project's mirror on this machine. */
  gitDirOf(projectId: string): string;
  /** Names this machine and data folder. A sandbox that exists on one machine only returns it as `host`. */
  host: string;
}

/** The values of `sandbox.provider`. */
export const sandboxProviders: Providers<SandboxPort, SandboxParts> = {
  local: {
    embedded: true,
    create: async (parts) => ({ port: await (await import('./local/index.ts')).createLocalSandbox(parts) }),
  },
};

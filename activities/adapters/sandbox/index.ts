import type { SandboxPort } from '../../ports/sandbox.ts';
import type { Machine } from '../machine/index.ts';
import type { Providers } from '../provider.ts';

export interface SandboxParts {
  /** The mirrors of this machine, and what runs programs on it. */
  machine: Machine;
}

/** The values of `sandbox.provider`. */
export const sandboxProviders: Providers<SandboxPort, SandboxParts> = {
  local: {
    embedded: true,
    create: async ({ machine }) => ({ port: await machine.sandbox() }),
  },
};

import type { CodeHostPort } from '../../ports/code-host.ts';
import type { Config } from '../../services/config.ts';
import type { Providers } from '../provider.ts';
import type { LocalCodeHostOptions } from './local.ts';

export interface CodeHostParts extends LocalCodeHostOptions {
  config: Config;
}

/** The values of `code_host.provider`. */
export const codeHostProviders: Providers<CodeHostPort, CodeHostParts> = {
  local: {
    embedded: true,
    create: async (parts) => ({ port: (await import('./local.ts')).createLocalCodeHost(parts) }),
  },
};

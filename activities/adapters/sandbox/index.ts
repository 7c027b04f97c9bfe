import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { SandboxPort } from '../../ports/sandbox.ts';
import type { Config } from '../../services/config.ts';
import type { Machine } from '../machine/index.ts';
import type { Providers } from '../provider.ts';

export interface SandboxParts {
  /** The mirrors of this machine, and what runs programs on it. */
  machine: Machine;
  config: Pick<Config, 'sandbox' | 'daytona' | 'docker' | 'database' | 'data_dir' | 'server'>;
}

/** The values of `sandbox.provider`. */
export const sandboxProviders: Providers<SandboxPort, SandboxParts> = {
  local: {
    embedded: true,
    create: async ({ machine }) => ({ port: await machine.sandbox() }),
  },
  daytona: {
    embedded: false,
    configured: ({ daytona }) => daytona.api_key !== undefined,
    create: async ({ machine, config }) => {
      const [{ createDaytona }, { createRemoteSandbox }] = await Promise.all([
        import('./daytona/index.ts'),
        import('./remote/index.ts'),
      ]);
      const { cpus, memory_mb, disk_gb, image, snapshot, network_allow, api_url } = config.sandbox;
      const transport = createDaytona({
        apiUrl: config.daytona.api_url,
        apiKey: config.daytona.api_key ?? '',
        installation: installationOf(config),
        snapshot,
        image,
        resources: { cpus, memory_gb: Math.min(8, Math.ceil(memory_mb / 1024)), disk_gb },
        networkAllow: network_allow,
        platformUrl: api_url ?? config.server.public_url,
      });
      return { port: createRemoteSandbox(transport, machine.packs) };
    },
  },
  docker: {
    embedded: false,
    create: async ({ machine, config }) => {
      const [{ createDocker }, { createRemoteSandbox }] = await Promise.all([
        import('./docker/index.ts'),
        import('./remote/index.ts'),
      ]);
      const { image, cpus, memory_mb, processes, docker_network, docker_platform_network, api_url } = config.sandbox;
      const transport = createDocker({
        host: config.docker.host,
        installation: installationOf(config),
        ...{ image, cpus, processes },
        memoryMb: memory_mb,
        network: docker_network,
        platformNetwork: docker_platform_network,
        platformUrl: docker_platform_network && (api_url ?? config.server.public_url),
      });
      return { port: createRemoteSandbox(transport, machine.packs) };
    },
  },
};

/** The same for all servers and workers of an installation: they share a database, or a data folder. */
function installationOf({ database, data_dir }: SandboxParts['config']): string {
  const url = database.url ? new URL(database.url) : undefined;
  const place = url ? `${url.host}${url.pathname}` : `${hostname()}:${data_dir}`;
  return createHash('sha256').update(place).digest('hex').slice(0, 12);
}

import { isIPv6 } from 'node:net';
import type { Config } from './config.ts';
import { embeddedDatabaseUrl } from './embedded.ts';

// A module of its own: the supervisor needs the addresses before any service exists.
export const databaseUrl = (config: Config) => config.database.url ?? embeddedDatabaseUrl(config.data_dir);
export const temporalAddress = (config: Config) => config.temporal.address ?? `127.0.0.1:${config.temporal.port}`;
/**
 * Where this machine reaches the REST interface: the setting; else the own port where everything runs on this machine, or
 * the public address. Undefined: unknown.
 */
export function apiUrl({ sandbox, server, temporal }: Config): string | undefined {
  if (sandbox.api_url) return sandbox.api_url;
  if (temporal.address) return server.public_url;
  const host = ['0.0.0.0', '::'].includes(server.host) ? '127.0.0.1' : server.host;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${server.port}`;
}
export const publicUrl = (config: Config) => config.server.public_url ?? `http://localhost:${config.server.port}`;

import { readFileSync } from 'node:fs';

interface ConnectionSettings {
  temporal: { api_key?: string; tls_cert?: string; tls_key?: string };
}

/** Options of a connection to Temporal: plain, with an API key, or with a client certificate. */
export function connectionOptions(config: ConnectionSettings, address: string) {
  const { api_key: apiKey, tls_cert: cert, tls_key: key } = config.temporal;
  const tls =
    cert && key ? { clientCertPair: { crt: readFileSync(cert), key: readFileSync(key) } } : apiKey ? true : undefined;
  return { address, ...(apiKey ? { apiKey } : {}), ...(tls ? { tls } : {}) };
}

/** The same for a client, whose gRPC would send calls to this machine through the proxy of `https_proxy` too. */
export function clientOptions(config: ConnectionSettings, address: string) {
  return { ...connectionOptions(config, address), channelArgs: withoutProxy(address) };
}

/** Channel arguments that keep a connection to an address of this machine away from every proxy. */
export function withoutProxy(address: string): Record<string, number> {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)(:\d+)?$/.test(address) ? { 'grpc.enable_http_proxy': 0 } : {};
}

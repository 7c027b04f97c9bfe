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

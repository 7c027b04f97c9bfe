import { EnvHttpProxyAgent } from 'undici';

/** Variables of an environment, of which HTTPS_PROXY, HTTP_PROXY and NO_PROXY are read; a lower-case one wins. */
export type ProxyVariables = Record<string, string | undefined>;

const loopback = ['localhost', '127.0.0.1', '::1', '[::1]'];

/**
 * Connections through the proxy that the environment names, since Node's own HTTP client ignores it; undefined without
 * one. Addresses of this machine never go through it.
 */
export function proxyAgent(environment: ProxyVariables): EnvHttpProxyAgent | undefined {
  const httpProxy = environment.http_proxy || environment.HTTP_PROXY;
  const httpsProxy = environment.https_proxy || environment.HTTPS_PROXY;
  if (!httpProxy && !httpsProxy) return undefined;
  const except = environment.no_proxy || environment.NO_PROXY;
  return new EnvHttpProxyAgent({
    // An empty text keeps undici from looking at the environment by itself.
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    noProxy: except === '*' ? '*' : [except, ...loopback].filter(Boolean).join(','),
  });
}

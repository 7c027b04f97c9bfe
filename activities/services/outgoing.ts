import type { LookupFunction } from 'node:net';
import { Agent, buildConnector, fetch as send, type Response as Answer } from 'undici';
import { AppError } from '#workflows/domain/errors.ts';
import { OutgoingRefused, type Outgoing } from '../ports/outgoing.ts';
import { timeLimit } from '../support/time-limit.ts';
import { isListed, reachableAddresses, systemLookup, type Lookup } from './public-address.ts';

interface OutgoingOptions {
  /** OMOIOS_OUTBOUND_ALLOW. */
  allow: readonly string[];
  lookup?: Lookup;
  /** Certificates to trust besides those of Node. */
  ca?: string;
}

const maxRedirects = 3;
const redirects = new Set([301, 302, 303, 307, 308]);
/** The headers that another origin may see after a redirect. */
const harmless = new Set(['accept', 'content-type', 'user-agent']);

/**
 * The one way to call an address that a person set. Each connection goes to an address that was looked at: https alone,
 * on the public internet alone, unless the operator lists the host. No proxy is used, since a proxy would look the name
 * up a second time.
 */
export function createOutgoing({ allow, lookup = systemLookup, ca }: OutgoingOptions): Outgoing {
  const connect: buildConnector.connector = (options, done) => {
    const target = { host: bare(options.hostname), port: portOf(options) };
    reachableAddresses(target, allow, lookup).then(
      (addresses) => {
        if (addresses.length === 0) done(new Error(`The host ${target.host} has no address.`), null);
        else buildConnector({ lookup: fixed(addresses), timeout: 10_000, ca })(options, done);
      },
      (error: Error) => done(error, null),
    );
  };
  const dispatcher = new Agent({ connect });

  /** @param looks whether the host of https is looked at too: its connection looks at it again. */
  async function requireAllowed({ protocol, hostname, port: given, username, password }: URL, looks = false) {
    if (username || password) throw new OutgoingRefused('The address must hold no user name and no password.');
    if (protocol === 'https:' && !looks) return;
    const host = bare(hostname);
    const port = portOf({ protocol, port: given });
    const addresses = await reachableAddresses({ host, port }, allow, lookup);
    if (protocol === 'https:') return;
    const isAllowed =
      protocol === 'http:' &&
      addresses.length > 0 &&
      addresses.every((address) => isListed(allow, host, port, address));
    if (!isAllowed)
      throw new OutgoingRefused(
        `The address ${protocol}//${host} must begin with https://. Only hosts of OMOIOS_OUTBOUND_ALLOW may have http://.`,
      );
  }

  const within: Outgoing['within'] = (limits) => async (input, init) => {
    let url = new URL(input instanceof Request ? input.url : input);
    await requireAllowed(url);
    const first = new Request(input, init);
    const method = first.method;
    const body = first.body ? await first.arrayBuffer() : undefined;
    const headers = new Headers(first.headers);
    // The caller's own signal: that of a request is forgotten with the request.
    const outer = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    const limit = timeLimit(limits.timeout * 1000, outer);
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      const response = await send(url, {
        method,
        headers: [...headers],
        body,
        signal: limit.signal,
        redirect: 'manual',
        dispatcher,
      }).catch((error: unknown) => {
        throw refusalIn(error) ?? error;
      });
      const location = response.headers.get('location');
      if (!redirects.has(response.status) || location === null) return bounded(response, limits.max_bytes, limit.end);
      await response.body?.cancel();
      const next = new URL(location, url);
      if (body && (next.origin !== url.origin || response.status < 307))
        throw new OutgoingRefused(
          `${url.host} redirects the request to ${next.host}. Enter the address where it ends.`,
        );
      if (next.origin !== url.origin)
        for (const name of [...headers.keys()]) if (!harmless.has(name)) headers.delete(name);
      url = next;
      await requireAllowed(url);
    }
    throw new OutgoingRefused(`${url.host} redirects more than ${maxRedirects} times.`);
  };

  return {
    within,
    check: async (url) => void (await requireAllowed(new URL(url), true)),
    close: () => dispatcher.close(),
  };
}

const bare = (hostname: string) => hostname.replace(/^\[|\]$/g, '');

const portOf = ({ protocol, port }: { protocol: string; port: string }) =>
  Number(port) || (protocol === 'http:' ? 80 : 443);

/** A `lookup` of Node that gives the addresses which were looked at, and never asks again. */
const fixed =
  (addresses: string[]): LookupFunction =>
  (_host, options, done) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all) done(null, found);
    else done(null, found[0]?.address ?? '', found[0]?.family);
  };

function refusalIn(error: unknown): OutgoingRefused | undefined {
  let at = error as { cause?: unknown } | undefined;
  while (at && !(at instanceof OutgoingRefused)) at = at.cause as typeof at;
  return at;
}

/** @param ended called once nothing more is read. */
function bounded(response: Answer, maxBytes: number, ended: () => void): Response {
  const { status, statusText, headers } = response;
  const chunks = response.body?.values();
  if (!chunks) ended();
  let bytes = 0;
  const body =
    chunks &&
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = (await chunks.next()) as IteratorResult<Uint8Array, undefined>;
        if (done) {
          ended();
          return controller.close();
        }
        bytes += value.byteLength;
        if (bytes > maxBytes) {
          await chunks.return?.();
          ended();
          throw new AppError('too_large', `The answer has more than ${maxBytes} bytes.`);
        }
        controller.enqueue(value);
      },
      cancel: async (reason) => {
        ended();
        await chunks.return?.(reason);
      },
    });
  return new Response(body, { status, statusText, headers: [...headers] });
}

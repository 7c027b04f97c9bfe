import { lookup as resolveName } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { OutgoingRefused } from '../ports/outgoing.ts';

/** Names to addresses, as `dns.lookup` of Node does. */
export type Lookup = (host: string) => Promise<string[]>;

export const systemLookup: Lookup = async (host) =>
  (await resolveName(host, { all: true, verbatim: true })).map(({ address }) => address);

/** IPv4 in the form of IPv6 is judged as IPv4. */
const parse = (address: string) => ipaddr.process(address.replace(/%.*$/, ''));

const outdated = [ipaddr.parseCIDR('::/96'), ipaddr.parseCIDR('fec0::/10')];

/** Whether an address is on the public internet: not loopback, link-local, private, multicast, mapped or reserved. */
export function isPublic(address: string): boolean {
  const parsed = parse(address);
  // IPv4-compatible and site-local addresses count as unicast for the library.
  return parsed.range() === 'unicast' && !outdated.some((net) => parsed.kind() === 'ipv6' && parsed.match(net));
}

/** Whether an entry of OMOIOS_OUTBOUND_ALLOW names the host or one of its addresses. */
function allows(entry: string, host: string, port: number, address: string): boolean {
  const wanted = entry.replace(/^\w+:\/\//, '').replace(/\/+$/, '');
  if (wanted === '*' || [host, `${host}:${port}`, address, `${address}:${port}`].includes(wanted)) return true;
  if (!ipaddr.isValidCIDR(entry)) return false;
  const [network, bits] = ipaddr.parseCIDR(entry);
  const parsed = parse(address);
  return parsed.kind() === network.kind() && parsed.match(network, bits);
}

/** Whether the operator lists the host or its address. */
export const isListed = (allow: readonly string[], host: string, port: number, address: string): boolean =>
  allow.some((entry) => allows(entry, host, port, address));

/**
 * The addresses of a host, which the caller then connects to: a name cannot lead elsewhere at a second look.
 * @param host without brackets.
 * @returns none for a name without an address.
 * @throws OutgoingRefused when one of them is not public and the operator does not list it.
 */
export async function reachableAddresses(
  { host, port }: { host: string; port: number },
  allow: readonly string[],
  lookup: Lookup = systemLookup,
): Promise<string[]> {
  const addresses = isIP(host) ? [host] : await lookup(host).catch(() => []);
  if (addresses.some((address) => !isPublic(address) && !isListed(allow, host, port, address)))
    throw new OutgoingRefused(
      `The host ${host} lies in a private network. Ask the operator to allow it with OMOIOS_OUTBOUND_ALLOW, or use a public address.`,
    );
  return addresses;
}

const hostPattern = /^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/;
const mostHosts = 100;

/** The setting of an organization that lists the hosts of its servers of tools. */
export const hostsSetting = 'mcp_hosts';

/** Why a value of that setting is refused; undefined for a list of hosts. */
export function hostsProblem(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length > mostHosts) return `must be a list of at most ${mostHosts} hosts`;
  const bad = value.find((host) => typeof host !== 'string' || host.length > 253 || !hostPattern.test(host));
  return bad === undefined
    ? undefined
    : 'takes hosts in lower case, such as tools.example.com, tools.example.com:8443 or *.example.com';
}

/** Why no server of tools may be at an address; undefined where the organization lists its host. No list allows none. */
export function hostProblem(settings: unknown, address: string): string | undefined {
  const listed = (settings as Record<string, unknown> | null)?.[hostsSetting];
  const hosts = Array.isArray(listed) ? listed.map(String) : [];
  const { host, hostname } = new URL(address);
  const allowed = hosts.some((entry) =>
    entry.startsWith('*.')
      ? [host, hostname].some((name) => name.endsWith(entry.slice(1)))
      : [host, hostname].includes(entry),
  );
  return allowed
    ? undefined
    : `The organization does not list the host ${host}. An administrator can add it to settings.${hostsSetting}.`;
}

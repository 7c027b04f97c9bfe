import { RepositoryError, type RepositoryAccess } from '../../ports/repositories.ts';

const ports: Record<string, number> = { http: 80, https: 443, ssh: 22, git: 9418 };

/** Host and port of a URL, or of user@host:path. */
export function endOf(address: string): { protocol: string; host: string; port: number } {
  const url = /^(\w+):\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:]*)(?::(\d+))?/.exec(address);
  const scp = /^(?:[^@/]*@)?([^:/]+):/.exec(address);
  const protocol = url?.[1] ?? 'ssh';
  const host = (url?.[2] ?? scp?.[1] ?? '').replace(/^\[|\]$/g, '');
  return { protocol, host, port: Number(url?.[3] ?? ports[protocol]) };
}

/**
 * Variables of git for a remote address. Settings go by the environment, since everyone on the machine can read the
 * arguments of a process.
 * @throws RepositoryError('not_a_repository') for a credential that the protocol cannot use.
 */
export function openRemote(
  address: string,
  { credential, machine, addresses, checked }: RepositoryAccess,
): Record<string, string> {
  const { protocol, host, port } = endOf(address);
  // A redirect could lead to an address that was not checked.
  const settings: [string, string][] = checked ? [['http.followRedirects', 'false']] : [];
  if (addresses && protocol.startsWith('http'))
    settings.push([
      'http.curloptResolve',
      `${host}:${port}:${addresses.map((ip) => (ip.includes(':') ? `[${ip}]` : ip)).join(',')}`,
    ]);
  if (credential) {
    if (!protocol.startsWith('http'))
      throw new RepositoryError('not_a_repository', `An address with ${protocol}:// takes no password or token.`);
    const basic = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
    settings.push(['http.extraHeader', `Authorization: Basic ${basic}`]);
  }
  const alone = {
    HOME: '/nonexistent',
    SSH_AUTH_SOCK: '',
    GIT_SSH_COMMAND: 'ssh -F none -oBatchMode=yes -oConnectTimeout=10 -oIdentityAgent=none -oIdentityFile=none',
  };
  return {
    ...(machine && !credential ? {} : alone),
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], n) => [
        [`GIT_CONFIG_KEY_${n}`, key],
        [`GIT_CONFIG_VALUE_${n}`, value],
      ]),
    ),
  };
}

/** The error of a remote. It keeps back the words of git, which tell what answers inside of a network. */
export const remoteFailed = (what: string): RepositoryError =>
  new RepositoryError(
    'unreachable',
    `${what} Check the address, that it is a Git repository, and that its credentials are still valid and sufficient.`,
  );

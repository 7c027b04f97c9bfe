export interface GithubPlace {
  owner: string;
  repo: string;
}

/** The repository that an address names at the GitHub server `web`; undefined for an address elsewhere. */
export function githubPlace(address: string | null | undefined, web: string): GithubPlace | undefined {
  const { host, hostname } = new URL(web);
  const url = address?.includes('://') && URL.canParse(address) ? new URL(address) : undefined;
  const scp = url ? undefined : /^(?:[^@/:]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(address ?? '');
  const there = url
    ? url.protocol.startsWith('http')
      ? url.host === host
      : url.hostname === hostname
    : scp?.[1] === hostname;
  const path = (url?.pathname ?? scp?.[2] ?? '').replace(/^\/+/, '').replace(/\/+$/, '');
  const [owner, name, ...rest] = path.split('/');
  const repo = name?.replace(/\.git$/, '');
  return there && owner && repo && rest.length === 0 ? { owner, repo } : undefined;
}

/** Address of the API of a GitHub server. */
export const githubApi = (web: string): string =>
  web === 'https://github.com' ? 'https://api.github.com' : `${web.replace(/\/$/, '')}/api/v3`;

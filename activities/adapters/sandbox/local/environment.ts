import path from 'node:path';
import type { Isolation } from './isolation.ts';
import type { Layout } from './layout.ts';
import { inside, pathInside } from './mounts.ts';
import type { Offered } from './toolchains/index.ts';

/** Paths as the commands of this sandbox see them. */
export function seenPaths(layout: Layout, isolation: Isolation, gitDir: string) {
  if (isolation.kind !== 'none') return inside;
  return {
    workspace: layout.workspace,
    home: path.join(layout.home, 'agent'),
    jobs: layout.jobs,
    objects: path.join(gitDir, 'objects'),
    bin: layout.bin,
  };
}

/** The workspace's path as a command in the sandbox sees it. */
export const workspaceSeen = (layout: Layout, isolated: boolean) => (isolated ? inside.workspace : layout.workspace);

/** The variables of every command but those of paths: pagers, colours, prompts and progress bars off. */
export const platformVariables = (id: string): Record<string, string> => ({
  USER: 'agent',
  LOGNAME: 'agent',
  SHELL: '/bin/bash',
  // A shell of level 1 with a socket as stdin would treat itself as a remote login and read ~/.bashrc.
  SHLVL: '1',
  LANG: 'C.UTF-8',
  TERM: 'dumb',
  CI: '1',
  NO_COLOR: '1',
  PAGER: 'cat',
  GIT_PAGER: 'cat',
  GIT_EDITOR: 'true',
  GIT_TERMINAL_PROMPT: '0',
  npm_config_progress: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
  PYTHONDONTWRITEBYTECODE: '1',
  PIP_PROGRESS_BAR: 'off',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  // The cache and the workspace are on different mounts, between which there are no hard links.
  UV_LINK_MODE: 'copy',
  OMOIOS_SANDBOX: id,
});

/** The whole environment of a command, with no variable of the platform. */
export function commandEnvironment(
  layout: Layout,
  isolation: Isolation,
  hostPath: string,
  { toolchains, links, packages }: Offered,
): Record<string, string> {
  const seen = seenPaths(layout, isolation, '');
  return {
    ...packages.env,
    ...toolchains.env,
    PATH:
      isolation.kind === 'none'
        ? [seen.bin, path.dirname(process.execPath), links, ...toolchains.path, hostPath].join(':')
        : pathInside(toolchains),
    HOME: seen.home,
    ...platformVariables(layout.id),
    OMOIOS_JOBS: seen.jobs,
  };
}

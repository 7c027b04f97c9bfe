import type { Ecosystem } from '../ecosystem.ts';
import type { Folder } from '../folder.ts';
import {
  findNodeProject,
  isWorkspaceMember,
  nodeManifest,
  type NodeClient,
  type NodeManifest,
} from '../node-project.ts';

/** Yarn 2 and newer have other options than Yarn 1. */
const isBerry = (folder: Folder, manifest: NodeManifest | undefined): boolean =>
  /^yarn@([2-9]|\d\d)/.test(manifest?.packageManager ?? '') ||
  folder.has('.yarnrc.yml') ||
  /^__metadata:/m.test((folder.text('yarn.lock') ?? '').slice(0, 10_000));

const classic: NodeClient = {
  name: 'yarn',
  lockFiles: ['yarn.lock'],
  install: (folder, manifest, locked) => {
    if (!locked) return 'yarn install';
    return isBerry(folder, manifest) ? 'yarn install --immutable' : 'yarn install --frozen-lockfile';
  },
  script: (name, args) => `yarn ${name === 'test' ? name : `run ${name}`}${args ? ` ${args}` : ''}`,
  run: (program) => `yarn run ${program}`,
  member: (path) => `yarn --cwd ${path} test`,
};
const berry: NodeClient = { ...classic, members: () => 'yarn workspaces foreach --all run test' };

export const yarn: Ecosystem = {
  name: 'yarn',
  language: 'node',
  markers: /^package\.json$/,
  files: ['yarn.lock', '.yarnrc.yml'],
  find(folder) {
    if (!folder.has('package.json')) return undefined;
    const manifest = nodeManifest(folder);
    const named = manifest?.packageManager;
    if (named ? !named.startsWith('yarn') : !folder.has('yarn.lock')) return undefined;
    return findNodeProject(folder, isBerry(folder, manifest) ? berry : classic, manifest?.workspaces ?? []);
  },
  covers: (folder, below) => isWorkspaceMember(nodeManifest(folder)?.workspaces ?? [], below),
};

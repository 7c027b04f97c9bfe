import type { Ecosystem } from '../ecosystem.ts';
import { findNodeProject, isWorkspaceMember, nodeManifest, type NodeClient } from '../node-project.ts';

const client: NodeClient = {
  name: 'npm',
  lockFiles: ['package-lock.json', 'npm-shrinkwrap.json'],
  install: (_folder, _manifest, locked) =>
    locked ? 'npm ci' : 'npm install --no-save --no-package-lock --no-audit --no-fund',
  script: (name, args) => `npm ${name === 'test' ? name : `run ${name}`}${args ? ` -- ${args}` : ''}`,
  run: (program) => `npx --no-install ${program}`,
  members: () => 'npm test --workspaces --if-present',
  member: (path) => `npm test --prefix ${path}`,
};

/** The client of every package.json that names no other. */
export const npm: Ecosystem = {
  name: 'npm',
  language: 'node',
  markers: /^package\.json$/,
  files: ['package-lock.json', 'npm-shrinkwrap.json'],
  find: (folder) =>
    folder.has('package.json') ? findNodeProject(folder, client, nodeManifest(folder)?.workspaces ?? []) : undefined,
  covers: (folder, below) => isWorkspaceMember(nodeManifest(folder)?.workspaces ?? [], below),
};

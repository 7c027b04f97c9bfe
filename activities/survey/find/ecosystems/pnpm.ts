import { z } from 'zod';
import { parseYaml } from '../documents.ts';
import type { Ecosystem } from '../ecosystem.ts';
import type { Folder } from '../folder.ts';
import { findNodeProject, isWorkspaceMember, nodeManifest, type NodeClient } from '../node-project.ts';

const client: NodeClient = {
  name: 'pnpm',
  lockFiles: ['pnpm-lock.yaml'],
  install: (_folder, _manifest, locked) => `pnpm install --${locked ? '' : 'no-'}frozen-lockfile`,
  script: (name, args) => `pnpm ${name === 'test' ? name : `run ${name}`}${args ? ` ${args}` : ''}`,
  run: (program) => `pnpm exec ${program}`,
  members: () => 'pnpm -r --if-present test',
  member: (path) => `pnpm --dir ${path} test`,
};

const workspaceSchema = z
  .object({ packages: z.array(z.string().catch('')).catch([]) })
  .catch({ packages: [] })
  .transform((value) => value.packages);

const packages = (folder: Folder): string[] => workspaceSchema.parse(parseYaml(folder.text('pnpm-workspace.yaml')));

export const pnpm: Ecosystem = {
  name: 'pnpm',
  language: 'node',
  markers: /^package\.json$/,
  files: ['pnpm-lock.yaml', 'pnpm-workspace.yaml'],
  find(folder) {
    if (!folder.has('package.json')) return undefined;
    const named = nodeManifest(folder)?.packageManager;
    const used = named ? named.startsWith('pnpm') : folder.has('pnpm-lock.yaml') || folder.has('pnpm-workspace.yaml');
    return used ? findNodeProject(folder, client, packages(folder)) : undefined;
  },
  covers: (folder, below) => isWorkspaceMember(packages(folder), below),
};

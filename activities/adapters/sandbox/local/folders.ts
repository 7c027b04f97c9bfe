import { chmodSync, copyFileSync, lchownSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { insideUid, mappedUid, type Isolation } from './isolation.ts';
import type { Layout } from './layout.ts';
import { scripts } from './processes.ts';

/**
 * Creates the folders of a sandbox before any command runs in it: later, their content may be a trap. Modes are set
 * explicitly, not by the umask, since another user reads them.
 */
export function makeFolders(layout: Layout, isolation: Isolation, homeFiles: Record<string, string> = {}): void {
  mkdirSync(layout.root, { recursive: true, mode: 0o700 });
  const agentHome = path.join(layout.home, 'agent');
  for (const dir of [
    layout.workspace,
    layout.home,
    agentHome,
    layout.tmp,
    layout.jobs,
    layout.bin,
    layout.etc,
    layout.platform,
    layout.staging,
    layout.holder,
  ]) {
    mkdirSync(dir, { recursive: true });
    chmodSync(dir, 0o755);
  }
  chmodSync(layout.tmp, 0o1777);
  const gitConfig = path.join(agentHome, '.gitconfig');
  // Repositories that the agent itself creates need an author.
  publish(gitConfig, '[user]\n\tname = OmoiOS agent\n\temail = agent@omoios.invalid\n[init]\n\tdefaultBranch = main\n');
  const made = [gitConfig];
  for (const [name, text] of Object.entries(homeFiles)) {
    const parents = name.split('/').slice(0, -1);
    for (const [i] of parents.entries()) {
      const parent = path.join(agentHome, ...parents.slice(0, i + 1));
      mkdirSync(parent, { recursive: true });
      made.push(parent);
    }
    publish(path.join(agentHome, name), text);
    made.push(path.join(agentHome, name));
  }
  if (isolation.kind === 'mapped') {
    for (const at of [layout.workspace, agentHome, ...made, layout.platform]) lchownSync(at, mappedUid, mappedUid);
  }
  publish(
    path.join(layout.etc, 'passwd'),
    `root:x:0:0:root:/root:/bin/sh\nagent:x:${insideUid}:${insideUid}:agent:/home/agent:/bin/bash\n`,
  );
  publish(path.join(layout.etc, 'group'), `root:x:0:\nagent:x:${insideUid}:\n`);
  copyFileSync(scripts.jobCommand, path.join(layout.bin, 'job'));
  chmodSync(path.join(layout.bin, 'job'), 0o755);
}

function publish(file: string, text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o644);
}

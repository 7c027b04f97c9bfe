import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { workflowId } from '#workflows/contracts/ids.ts';
import { queueQuery } from '#workflows/contracts/work.ts';

/** Command lines of living processes that name a path. */
export function processesAt(folder: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return words.includes(folder) ? [`process ${pid} still runs: ${words.slice(0, 160)}`] : [];
    } catch {
      return [];
    }
  });
}

/** Sandboxes in the data folder, and the processes in them. */
export function sandboxesIn(dataDir: string): string[] {
  const folder = path.join(dataDir, 'sandboxes');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
  return [...names.map((name) => `sandbox ${name} still stands`), ...processesAt(`${folder}/`)];
}

/** Git's and the platform's own temporary things in the mirrors of projects. */
export function worktreesIn(dataDir: string, projectIds: string[]): string[] {
  return projectIds.flatMap((id) => {
    const mirror = path.join(dataDir, 'repos', `${id}.git`);
    const trees = existsSync(path.join(mirror, 'worktrees'))
      ? readdirSync(path.join(mirror, 'worktrees')).map((name) => `worktree ${name} of ${id}`)
      : [];
    const kept = execFileSync(
      'git',
      ['--git-dir', mirror, 'for-each-ref', '--format=%(refname)', 'refs/omoios/sandboxes'],
      { encoding: 'utf8' },
    )
      .split('\n')
      .filter(Boolean)
      .map((name) => `the mirror of ${id} still keeps ${name}`);
    const locks = readdirSync(mirror, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.lock'))
      .map((name) => `lock ${name} in the mirror of ${id}`);
    return [...trees, ...kept, ...locks];
  });
}

/** Workflows of the projects that run on, but for those that end by themselves once the project is idle. */
export async function workflowsLeft(client: Client, projectIds: string[]): Promise<string[]> {
  const left: string[] = [];
  for (const id of projectIds) {
    for await (const found of client.workflow.list({ query: `OmoiosProject="${id}" AND ExecutionStatus="Running"` })) {
      if (!found.workflowId.startsWith('project:')) left.push(`workflow ${found.workflowId} still runs`);
    }
  }
  return left;
}

/** Slots that a project's queue still counts as taken or asked for. */
export async function slotsHeld(client: Client, projectIds: string[]): Promise<string[]> {
  const held = await Promise.all(
    projectIds.map(async (id) => {
      try {
        const { active, waiting } = await client.workflow.getHandle(workflowId.projectQueue(id)).query(queueQuery);
        return [
          ...active.map((holder) => `task ${holder.task_id} still holds a slot`),
          ...waiting.map((entry) => `task ${entry.task_id} still waits for a slot`),
        ];
      } catch (error) {
        // A queue that no task needed was never started.
        if (/not found/i.test(String(error))) return [];
        throw error;
      }
    }),
  );
  return held.flat();
}

import { Activity, FolderGit2, GitPullRequest, Kanban, Terminal, type LucideIcon } from 'lucide-react';

export interface Section {
  to: string;
  label: string;
  icon: LucideIcon;
  /** The key that opens the section after `g`. */
  key: string;
}

/**
 * The sections of the application. The side bar, the bottom bar on a phone, the palette and the shortcuts use this
 * list.
 */
export const sections: readonly Section[] = [
  { to: '/command', label: 'Command', icon: Terminal, key: 'c' },
  { to: '/projects', label: 'Projects', icon: FolderGit2, key: 'p' },
  { to: '/board/all', label: 'Board', icon: Kanban, key: 'b' },
  { to: '/runs', label: 'Runs', icon: Activity, key: 'r' },
  { to: '/pull-requests', label: 'Pull requests', icon: GitPullRequest, key: 'u' },
];

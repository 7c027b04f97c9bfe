import {
  Activity,
  Bot,
  Brain,
  CircleDollarSign,
  DoorOpen,
  FolderGit2,
  GitPullRequest,
  Inbox,
  Kanban,
  ScrollText,
  Siren,
  Sunrise,
  Terminal,
  type LucideIcon,
} from 'lucide-react';

export interface Section {
  to: string;
  label: string;
  /** For the bar at the bottom of a phone. */
  short?: string;
  icon: LucideIcon;
  /** The key that opens the section after `g`. */
  key: string;
}

/** The sections of the application. The rail, the palette and the shortcuts use this list. */
export const sections: readonly Section[] = [
  { to: '/command', label: 'Command', short: 'Start', icon: Terminal, key: 'c' },
  { to: '/projects', label: 'Projects', icon: FolderGit2, key: 'p' },
  { to: '/board/all', label: 'Board', icon: Kanban, key: 'b' },
  { to: '/runs', label: 'Runs', icon: Activity, key: 'r' },
  { to: '/inbox', label: 'Inbox', icon: Inbox, key: 'i' },
  { to: '/pull-requests', label: 'Pull requests', short: 'Pulls', icon: GitPullRequest, key: 'u' },
  { to: '/costs', label: 'Costs', icon: CircleDollarSign, key: 'm' },
];

/** Pages of the whole organization beside the sections. The panel and the palette use this list. */
export const pages: readonly Omit<Section, 'key'>[] = [
  { to: '/activity', label: 'Activity', icon: ScrollText },
  { to: '/agents', label: 'Agents', icon: Bot },
  { to: '/alerts', label: 'Alerts', icon: Siren },
  { to: '/memory', label: 'Memory', icon: Brain },
  { to: '/gates', label: 'Gates', icon: DoorOpen },
  { to: '/report', label: 'Morning report', icon: Sunrise },
];

/** The section of a path. A board is a board, whatever its project; a graph belongs to its project, gates to the inbox. */
export const sectionOf = (path: string): Section | undefined =>
  sections.find(
    ({ to }) =>
      path.split('/')[1]?.replace('graph', 'projects').replace('gates', 'inbox').replace('agents', 'runs') ===
      to.split('/')[1],
  );

/** All keys, for the list that `?` opens. Those of one key alone can be turned off. */
export const shortcuts: readonly { title: string; keys: readonly { keys: readonly string[]; does: string }[] }[] = [
  {
    title: 'Anywhere',
    keys: [
      { keys: ['Ctrl', 'K'], does: 'Search and commands (Command K on a Mac)' },
      { keys: ['Ctrl', 'B'], does: 'Open or close the panel (Command B on a Mac)' },
      { keys: ['/'], does: 'Search' },
      { keys: ['?'], does: 'This list' },
      { keys: ['Esc'], does: 'Close, or leave a field' },
    ],
  },
  { title: 'Go to', keys: sections.map(({ key, label }) => ({ keys: ['g', key], does: label })) },
  {
    title: 'Lists and the board',
    keys: [
      { keys: ['j'], does: 'Next' },
      { keys: ['k'], does: 'Previous' },
      { keys: ['h'], does: 'Column to the left' },
      { keys: ['l'], does: 'Column to the right' },
      { keys: ['Enter'], does: 'Open' },
    ],
  },
  {
    title: 'Runs, gates and reviews',
    keys: [
      { keys: ['s'], does: 'Steer the agent' },
      { keys: ['p'], does: 'Pause or resume' },
      { keys: ['a'], does: 'Approve' },
      { keys: ['r'], does: 'Request changes' },
      { keys: ['v'], does: 'Mark the file as viewed' },
      { keys: ['d'], does: 'Unified or split diff' },
      { keys: ['w'], does: 'Show or hide changes of white space' },
      { keys: ['b'], does: 'Show or hide where lines come from' },
    ],
  },
];

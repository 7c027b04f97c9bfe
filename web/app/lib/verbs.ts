/** A command of the palette that is typed with its object, such as `steer TSK-5: use port 8020`. */
export interface Verb {
  name: string;
  /** What it does, for the list of commands. */
  does: string;
  /** What is typed, up to the part that the person adds. */
  example: string;
  permission: string;
  /** It sends words to an agent. */
  words?: 'user_message' | 'refocus' | 'redirect' | 'constraint';
}

export const verbs: readonly Verb[] = [
  {
    name: 'approve',
    does: 'Approve all green gates',
    example: 'approve all green gates',
    permission: 'document:write',
  },
  { name: 'steer', does: 'Steer an agent', example: 'steer TSK-', permission: 'task:write', words: 'user_message' },
  { name: 'refocus', does: 'Refocus an agent', example: 'refocus TSK-', permission: 'task:write', words: 'refocus' },
  {
    name: 'redirect',
    does: 'Redirect an agent',
    example: 'redirect TSK-',
    permission: 'task:write',
    words: 'redirect',
  },
  {
    name: 'constrain',
    does: 'Give an agent a constraint',
    example: 'constrain TSK-',
    permission: 'task:write',
    words: 'constraint',
  },
  { name: 'pause', does: 'Pause all runs', example: 'pause all', permission: 'task:write' },
  { name: 'resume', does: 'Resume all paused runs', example: 'resume all', permission: 'task:write' },
  { name: 'stop', does: 'Stop the run of a task', example: 'stop TSK-', permission: 'task:write' },
  { name: 'retry', does: 'Retry a failed task', example: 'retry TSK-', permission: 'task:write' },
];

export interface Order {
  verb: Verb;
  /** Key of a task, part of a title, or everything that the verb can change. */
  target: { key: string } | { title: string } | 'all';
  words?: string;
}

/** Reads what was typed. @returns the order, or what is still missing; undefined for a search. */
export function readOrder(query: string): Order | { verb: Verb; missing: string } | undefined {
  const [, name = '', rest = ''] = /^\s*(\S+)\s+(.*)$/s.exec(query) ?? [];
  const verb = verbs.find((one) => one.name === name.toLowerCase());
  if (!verb) return undefined;
  const object = rest.trim();
  if (verb.name === 'approve') {
    const all = 'all green gates'.startsWith(object.toLowerCase()) || /^all\s+gates?$/i.test(object);
    return { verb, target: all ? 'all' : { title: object } };
  }
  if (/^all$/i.test(object) && (verb.name === 'pause' || verb.name === 'resume')) return { verb, target: 'all' };
  const [, key = '', words = ''] = /^(TSK-\d+)(?:\s*:\s*|\s+|$)(.*)$/is.exec(object) ?? [];
  if (key === '') return { verb, missing: `Type the key of a task: ${verb.name} TSK-5${verb.words ? ': words' : ''}` };
  if (verb.words && words.trim() === '')
    return { verb, missing: `Type what the agent has to know: ${verb.name} ${key.toUpperCase()}: words` };
  if (!verb.words && words.trim() !== '') return undefined;
  return { verb, target: { key: key.toUpperCase() }, ...(verb.words ? { words: words.trim() } : {}) };
}

/** The order in words, as the palette lists it. */
export function orderText({ verb, target, words }: Order): string {
  const sentence = verb.name.charAt(0).toUpperCase() + verb.name.slice(1);
  if (target === 'all')
    return verb.name === 'approve' ? verb.does : `${sentence} all ${verb.name === 'pause' ? 'runs' : 'paused runs'}`;
  if ('title' in target) return `${sentence} the gates of specs named “${target.title}”`;
  return `${sentence} ${target.key}${words ? `: ${words}` : ''}`;
}

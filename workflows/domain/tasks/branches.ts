/** Letters and digits joined by dashes, at most `length` long, never empty. */
function slug(text: string, length: number): string {
  const words = text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return words.slice(0, length).replace(/-+$/g, '') || 'work';
}

const prefixes: [RegExp, string][] = [
  [/\b(hotfix)\b/i, 'hotfix'],
  [/\b(fix|bug|error|crash|broken|regression)\b/i, 'fix'],
  [/\b(refactor|clean ?up|restructure)\b/i, 'refactor'],
  [/\b(docs?|documentation|readme)\b/i, 'docs'],
  [/\b(tests?|coverage)\b/i, 'test'],
  [/\b(chore|bump|upgrade|dependency|dependencies)\b/i, 'chore'],
];

/**
 * Prefix of a branch from the ticket's title (GIT-05): feature, fix, hotfix (a critical bug), refactor, docs, test or
 * chore.
 */
function branchPrefix(title: string, priority: string): string {
  const found = prefixes.find(([pattern]) => pattern.test(title))?.[1] ?? 'feature';
  return found === 'fix' && priority === 'CRITICAL' ? 'hotfix' : found;
}

/** {prefix}/{key}-{title}, the title at most 25 characters. */
export const ticketBranch = (ticket: { key: string; title: string; priority: string }) =>
  `${branchPrefix(ticket.title, ticket.priority)}/${ticket.key}-${slug(ticket.title, 25)}`;
/** task/{task8}/{title}, the title at most 40 characters. */
export const taskBranch = (task: { id: string; title: string }) =>
  `task/${task.id.slice(0, 8)}/${slug(task.title, 40)}`;
/** spec/{spec8}-{title}, the title at most 50 characters. */
export const specBranch = (spec: { id: string; title: string }) =>
  `spec/${spec.id.slice(0, 8)}-${slug(spec.title, 50)}`;

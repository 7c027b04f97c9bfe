/** Characters of a title that people read at a glance. */
export const mostTitle = 100;

/** Whether a title is only the beginning of the first line of its request, or too long for one: nobody has chosen it. */
export function isCutTitle({ title, description }: { title: string; description: string }): boolean {
  if (title.length > mostTitle) return true;
  const [line = ''] = description.trim().split('\n');
  const begin = title.replace(/(…|\.\.\.)$/, '').trim();
  return begin !== '' && line.trim().length > begin.length && title.length >= mostTitle / 2 && line.startsWith(begin);
}

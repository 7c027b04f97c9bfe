/** A member who can be mentioned. */
export interface Mentionable {
  id: string;
  email: string;
}

const mention = /(?<![\w@.+-])@([\w.+-]+(?:@[\w-]+(?:\.[\w-]+)+)?)/g;

/**
 * The members whom a text mentions: by @ and their address, or by @ and the part of it before its own @, where one member
 * alone has that. A name that nobody has, or several have, mentions nobody.
 */
export function mentionsIn(text: string, members: Mentionable[]): Mentionable[] {
  const found = new Map<string, Mentionable>();
  for (const [, written = ''] of text.matchAll(mention)) {
    const name = written.toLowerCase().replace(/[.+-]+$/, '');
    const named = members.filter(({ email }) =>
      name.includes('@') ? email.toLowerCase() === name : email.toLowerCase().split('@')[0] === name,
    );
    const [one] = named;
    if (one && named.length === 1) found.set(one.id, one);
  }
  return [...found.values()];
}

export interface Attachment {
  name: string;
  text: string;
}

/** Characters of one file: a description has 50,000 in all. */
const maxChars = 40_000;

/** Why a file cannot go with a launch. */
export function attachmentProblem({ name, text }: Attachment): string | undefined {
  if (/[\0\uFFFD]/.test(text)) return `${name} is not text. Attach text, or put the file into the repository.`;
  if (text.trim() === '') return `${name} is empty.`;
  if (text.length > maxChars)
    return `${name} has ${text.length.toLocaleString('en-US')} characters; at most ${maxChars.toLocaleString('en-US')} go with a launch. Put it into the repository and name its path.`;
  return undefined;
}

/** A file as a part of a description: its name, and its text in a fence that the text does not contain. */
export function asAttachment({ name, text }: Attachment): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `\n\nAttached file ${name.replace(/\s+/g, ' ')}:\n\n${fence}\n${text.replace(/\n$/, '')}\n${fence}`;
}

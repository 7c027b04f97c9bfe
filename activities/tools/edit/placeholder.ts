const COMMENT = /^(?:\/\/+|\/\*+|\*+|#+|--|<!--|;+|%+|\{\/\*+|""")\s*|\s*(?:\*+\/\}?|-->|""")$/g;
const BRACKETS = /^[([{<]\s*|\s*[)\]}>]$/g;
const DOTS = /^\s*(?:\.{3,}|…)\s*|\s*(?:\.{3,}|…)\s*$/g;

const NOUN =
  '(?:\\w+ )?(?:code|file|contents?|implementation|functions?|methods?|class|classes|components?|imports?|logic|lines|body|tests|test cases|sections?|module|script|document|definitions|fields|properties|cases|routes|styles)';
const PART = `(?:the )?(?:(?:rest|remainder) of (?:the |this |your )?${NOUN}|(?:existing|remaining|previous|other|original|same|unchanged) ${NOUN})`;
const KEPT =
  '(?:unchanged|omitted|untouched|identical|the same|same as before|as before|as is|as-is|not shown|goes here|remains here|stays here|continues here)(?: for brevity)?';

/** A placeholder only with dots beside it: `... existing code ...`. */
const partOnly = new RegExp(`^(?:keep |and )?${PART}(?: (?:here|above|below))?$`, 'i');
/** A placeholder by its wording alone, in a comment or brackets: `rest of code unchanged`. */
const partKept = new RegExp(
  `^(?:keep )?(?:${PART}|(?:the )?rest|(?:all )?${NOUN}) (?:(?:is|are|remains?|stays?|kept|left) )?${KEPT}$`,
  'i',
);

/**
 * The first line of a text that replaces omitted code ("// ... existing code ...", "# rest of file unchanged"),
 * with its number from 1. A line counts only when it is nothing but that phrase, so that prose and code pass.
 * @param known text whose own placeholder lines are allowed.
 */
export function placeholderLine(text: string, known = ''): { line: number; text: string } | undefined {
  const index = text.split('\n').findIndex((line) => isPlaceholder(line.trim()) && !known.includes(line.trim()));
  return index === -1 ? undefined : { line: index + 1, text: text.split('\n')[index]?.trim() ?? '' };
}

function isPlaceholder(line: string): boolean {
  if (line.length > 160) return false;
  const inner = line.replace(COMMENT, '').replace(BRACKETS, '').trim();
  const undotted = inner.replace(DOTS, '');
  const phrase = undotted.replace(BRACKETS, '').replace(/[.:]$/, '');
  const dotted = undotted !== inner;
  return (dotted && partOnly.test(phrase)) || ((dotted || inner !== line) && partKept.test(phrase));
}

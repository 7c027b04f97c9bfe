const inWord = /[\p{L}\p{N}_]/u;

/** `cart` of `src/cart.test.ts`, `CartTest` of `org.example.CartTest`. */
const stemOf = (part: string): string =>
  /[\s(]/.test(part)
    ? part
    : part
        .replace(/^.*\//, '')
        .replace(/^(?:\w+\.)+(?=[A-Z]\w*$)/, '')
        .replace(/[._-](?:test|spec)\..*$/, '');

/** Whether a text names a test: by its title, or by its suite, class or file, also without folders and extension. */
export function isNamed(testId: string, text: string): boolean {
  const said = ` ${text.toLowerCase()} `;
  const parts = testId.split(' > ').flatMap((part) => [part, part.replace(/^.*\//, ''), stemOf(part)]);
  return [testId, ...parts].some((part) => {
    const name = part.toLowerCase();
    for (let at = said.indexOf(name); name !== '' && at >= 0; at = said.indexOf(name, at + 1))
      if (!inWord.test(said.charAt(at - 1)) && !inWord.test(said.charAt(at + name.length))) return true;
    return false;
  });
}

import type { NamedLine } from './ci-lines.ts';

export const instructionFile = /^((\.github|docs)\/)?(AGENTS|CLAUDE|CONTRIBUTING)(\.md|\.rst|\.txt)?$/i;

/** Command lines of a text for people or agents: blocks of code, and code inside sentences. */
export function instructionLines(file: string, text: string): NamedLine[] {
  const found: NamedLine[] = [];
  let fence = '';
  let skipped = false;
  for (const [at, line] of text.slice(0, 200_000).split(/\r?\n/).entries()) {
    if (found.length >= 200) break;
    const [, mark, language = ''] = /^\s{0,20}(```+|~~~+)\s{0,5}(\w*)/.exec(line) ?? [];
    if (mark) {
      skipped = fence === '' && !/^(|sh|bash|shell|console|zsh|text)$/i.test(language);
      fence = fence === '' ? mark : '';
      continue;
    }
    const add = (content: string) => found.push({ text: content.trim(), dir: '', file, line: at + 1 });
    if (fence !== '') {
      if (!skipped)
        add(
          line
            .slice(0, 1000)
            .replace(/^\s*[$>%]\s+/, '')
            .replace(/\s+#\s.*$/, ''),
        );
    } else if (/\.(rst|txt)$/i.test(file) && /^\s{2,8}\$ /.test(line)) add(line.slice(0, 1000).replace(/^\s+\$ /, ''));
    else for (const [, code = ''] of line.slice(0, 2000).matchAll(/`([^`]{3,300})`/g)) add(code);
  }
  return found.filter((line) => line.text !== '');
}

import type { CheckPurpose, FoundCheck, FoundCommand } from '#workflows/domain/survey/environment.ts';
import type { NamedLine } from './commands/ci-lines.ts';
import { judgeLine, type ListedCommand } from './commands/judge-line.ts';
import { joinWords } from './commands/shell-words.ts';
import type { DraftRoot } from './ecosystem.ts';
import { commandIn } from './run-listed.ts';

/** Options that only decide what is printed, measured or kept, and would leave files among the work. */
const noise =
  /^(-v|-vv|-q|-x|-s|-B|-V|-e|--?verbose|--quiet|-race|--?cov(er|erage)?(=.*|-.*)?|-cover\w*(=.*)?|--ci|--junitxml(=.*)?|--durations(=.*)?|--color(=.*)?|--no-progress|--no-transfer-progress|-ntp|--stacktrace|--tb(=.*)?|--logger|--collect|--bench\w*|--watch\S*|--if-present|--silent|-a)$/;
/** How many checks of a purpose CI and instruction files may add. */
const mostAdded: Record<CheckPurpose, number> = { test: 2, types: 2, lint: 3, build: 1 };
const shellWords =
  /^(#|if\b|then\b|else\b|elif\b|fi\b|for\b|while\b|do\b|done\b|case\b|esac\b|echo\b|printf\b|set\b|export\b|cd\b|mkdir\b|cat\b|exit\b|true\b|\W*$)/;
const programs =
  /^([A-Z_]+=\S* )*(sudo|npm|npx|pnpm|yarn|bun|node|python3?|pip3?|uv|poetry|tox|nox|hatch|pdm|pre-commit|go|cargo|rustup|make|just|cmake|ctest|mvn|gradle|bundle|rake|composer|php|dotnet|docker|docker-compose|bash|sh|curl|wget|\.{1,2}\/[\w./-]+) /;
const maxShown = 60;

const tooMuch = (text: string) => (text.length > 300 ? `${text.slice(0, 300)}…` : text);

/** What a command of CI asks for beyond the one that the manifest gives; undefined: it is another program. */
function extras(own: string, listed: ListedCommand): string[] | undefined {
  const [known, ...others] = judgeLine(own) ?? [];
  if (!known || others.length > 0 || known.words[0] !== listed.words[0] || known.script !== listed.script)
    return undefined;
  const rest = listed.words.slice(1);
  const tail = rest.includes('--') ? rest.slice(rest.indexOf('--') + 1).filter((word) => !noise.test(word)) : [];
  const head = (rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest).filter(
    (word) => !known.words.includes(word) && !noise.test(word),
  );
  return [...head, ...(tail.length > 0 ? ['--', ...tail] : [])];
}

/**
 * Adds the commands of CI and instruction files to the roots. Manifests win: a file adds a check of a purpose that has
 * none, or arguments to the same test command, if it names exactly one form of it.
 * @returns the lines that are not run and only shown.
 */
export function addListed(roots: DraftRoot[], lines: NamedLine[]): FoundCommand[] {
  const shown = new Map<string, FoundCommand>();
  const show = (line: NamedLine, isCommand: boolean) => {
    const text = tooMuch(line.text.replace(/[\p{Cc}\p{Cf}]/gu, ' ').trim());
    if (!isCommand || shellWords.test(text) || shown.size >= maxShown || shown.has(text)) return;
    shown.set(text, { command: text, source: { file: line.file, line: line.line } });
  };
  const own = new Set(roots.flatMap(({ parts }) => parts.flatMap(({ part }) => part.checks)));
  const forms = new Map<FoundCheck, Map<string, string[]>>();
  const added = new Map<string, number>();
  for (const line of lines) {
    const listed = judgeLine(line.text);
    const known = listed?.flatMap((command) => {
      const dir = [line.dir, command.dir].filter(Boolean).join('/');
      const root = roots.find(({ folder }) => folder.path === dir);
      const text = root && commandIn(root, command);
      return root && text ? [{ root, command, text }] : [];
    });
    if (!listed || !known || known.length < listed.length) {
      // A text for people holds much code that is no command.
      show(line, /\.ya?ml$/.test(line.file) || programs.test(line.text));
      continue;
    }
    for (const { root, command, text } of known) {
      const { purpose } = command;
      if (purpose === 'setup') addRequirements(root, command, line);
      else {
        // What the tests of these languages compile needs no build of its own.
        if (['go', 'rust', 'c'].includes(command.language) && ['build', 'types'].includes(purpose)) continue;
        const checks = root.parts.flatMap(({ part }) => part.checks).filter((check) => check.purpose === purpose);
        const manifests = checks.filter((check) => own.has(check));
        for (const check of manifests) {
          const more = purpose === 'test' ? extras(check.command, command) : undefined;
          if (more) forms.set(check, (forms.get(check) ?? new Map<string, string[]>()).set(more.join(' '), more));
        }
        const key = `${root.folder.path}\n${purpose}`;
        const count = added.get(key) ?? 0;
        // Go and Rust have no lint in their manifests, so what CI runs there comes beside `go vet`.
        const beside = purpose === 'lint' && ['go', 'rust'].includes(command.language);
        if ((manifests.length > 0 && !beside) || count >= mostAdded[purpose]) continue;
        if (checks.some((check) => check.command === text || extras(check.command, command) !== undefined)) continue;
        const owner = root.parts.find(({ language }) => language === command.language) ?? root.parts[0];
        owner?.part.checks.push({ purpose, command: text, source: { file: line.file, line: line.line } });
        added.set(key, count + 1);
      }
    }
  }
  for (const [check, found] of forms) {
    const [only, ...others] = found.values();
    if (only && others.length === 0 && only.length > 0) check.command = `${check.command} ${joinWords(only)}`;
  }
  return [...shown.values()];
}

/** Requirement files that only CI names. */
function addRequirements(root: DraftRoot, command: ListedCommand, line: NamedLine): void {
  const owner = root.parts.find(({ name }) => name === 'pip');
  if (!owner || command.words[0] !== 'pip') return;
  for (const [at, word] of command.words.entries()) {
    const file = command.words[at + 1];
    if (!['-r', '--requirement'].includes(word) || !file || !root.folder.has(file)) continue;
    const asked = `pip install -r ${file}`;
    if (owner.part.setup.some((step) => step.command.endsWith(asked))) continue;
    owner.part.setup.push({ command: `.venv/bin/python -m ${asked}`, source: { file: line.file, line: line.line } });
  }
}

const order: CheckPurpose[] = ['test', 'types', 'lint', 'build'];

/** Tests first; checks of one purpose stay in their order, each command once. */
export const inOrder = (checks: FoundCheck[]): FoundCheck[] =>
  order
    .flatMap((purpose) => checks.filter((check) => check.purpose === purpose))
    .filter((check, at, all) => all.findIndex(({ command }) => command === check.command) === at);

/** Programs that pass their input on: in a pipe, their exit code hides the failure of the command before them. */
const filters = /^(?:tail|head|cat|tee|less|more|sed|awk|sort|uniq|wc|tr|cut|column|nl|fold|ts)\b/;
/** Commands that nearly always succeed and prove nothing about the work. */
const idle =
  /^(?:echo|printf|true|:|sleep|pwd|date|cd|export|set|clear|exit\s+0|exit$|git\s+(?:status|diff|log|show|add|commit|stash|branch))(?:\s|$)/;
const checks =
  /^(?:(?:npm|pnpm|yarn|bun)\s+(?:t|test|(?:run\s+)?[\w:-]*(?:test|check|lint|build|type)[\w:-]*)|npx\s+(?:\S*\/)?(?:jest|vitest|mocha|ava|tsc|eslint|playwright)|jest|vitest|mocha|tsc|eslint|node\s+--test|deno\s+test|pytest|tox|python3?\s+-m\s+(?:pytest|unittest)|go\s+(?:test|vet|build)|cargo\s+(?:test|check|build|clippy)|make|just|mvn|(?:bazel|bazelisk)\s+(?:test|build|run)|(?:npx\s+)?(?:turbo|nx)\s.*\b(?:test|check|lint|build|type)[\w:-]*|mix\s+(?:test|compile|credo)|swift\s+(?:test|build)|(?:python3?\s+)?(?:\S*\/)?manage\.py\s+(?:test|check)|ruff|mypy|pyright|golangci-lint|nox|rake|zig\s+(?:test|build)|stack\s+test|cabal\s+test|sbt\s+\S*test\S*|lein\s+test|(?:flutter|dart)\s+(?:test|analyze)|\.?\/?gradlew?|dotnet\s+test|(?:bundle\s+exec\s+)?rspec|(?:vendor\/bin\/)?phpunit|ctest)(?:\s|$)/;
const givesUp = /\b(?:exit|return)\s+[1-9]|^false\b|\bexit\s+\$/;

interface List {
  text: string;
  /** Ended with `&`: no command waits for it. */
  background: boolean;
}

/** Here-documents and comments are data, not commands. */
const withoutData = (command: string) =>
  command.replace(/<<-?\s*(['"]?)(\w+)\1([^\n]*)\n[\s\S]*?\n\s*\2(?=\n|$)/g, '$3').replace(/(^|\s)#.*$/gm, '$1');

/** Splits at separators outside of quotes and brackets. */
function split(text: string, separators: readonly string[]): { part: string; separator: string }[] {
  const parts: { part: string; separator: string }[] = [];
  let quote = '';
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (char === '\\' && quote !== "'") i += 1;
    else if (quote) quote = char === quote ? '' : quote;
    else if (char === "'" || char === '"' || char === '`') quote = char;
    else if (char === '(' || char === '{') depth += 1;
    else if (char === ')' || char === '}') depth -= 1;
    else if (depth === 0) {
      const separator = separators.find((known) => text.startsWith(known, i));
      if (separator === undefined) continue;
      parts.push({ part: text.slice(from, i), separator });
      i += separator.length - 1;
      from = i + 1;
    }
  }
  return [...parts, { part: text.slice(from), separator: '' }];
}

function listsOf(command: string): List[] {
  // Longer operators first, so that a single sign is not found inside of them. Redirections stay whole.
  const pieces = split(withoutData(command), ['&&', '||', '>&', '&>', ';;', ';', '\n', '&']);
  const lists: List[] = [];
  let text = '';
  for (const { part, separator } of pieces) {
    text += part;
    if (['&&', '||', '>&', '&>', ';;'].includes(separator)) text += separator;
    else {
      if (text.trim() !== '') lists.push({ text: text.trim(), background: separator === '&' });
      text = '';
    }
  }
  return lists;
}

/** The command without assignments and wrappers in front of its program. */
const bare = (command: string) =>
  command
    .trim()
    .replace(
      /^(?:(?:[A-Za-z_]\w*=(?:'[^']*'|"[^"]*"|\S*)|time|exec|command|env|nice|timeout\s+\S+|(?:uv|poetry|pipenv|pdm|hatch|rye)\s+run|bundle\s+exec|pnpm\s+exec|yarn\s+exec)\s+)+/,
      '',
    );

/** Whether a command runs one of the common test, lint or build programs. */
export const runsCheck = (command: string): boolean =>
  listsOf(command).some(({ text }) => split(text, ['&&', '||', '|&', '|']).some(({ part }) => checks.test(bare(part))));

function stages(pipeline: string): string[] {
  return split(pipeline, ['|&', '|']).map(({ part }) => bare(part));
}

/**
 * Why the exit code of a shell command does not prove its check: it is replaced, inverted or not waited for, or there
 * is no check at all. Undefined when the exit code can be trusted.
 */
export function exitCodeProblem(command: string): string | undefined {
  if (/\|\|\s*(?:\/bin\/)?(?:true\b|:(?=\s|$|["')])|exit\s+0\b)/.test(withoutData(command)))
    return 'hides its exit code behind ||';
  if (/\btrap\b.*\bexit\s+0/.test(command)) return 'hides its exit code in a trap';
  const lists = listsOf(command);
  const last = lists.at(-1);
  if (!last) return 'runs nothing';
  if (last.background) return 'is not waited for';
  const stopsAtFailure = /\bset\s+-\w*e/.test(command);
  const earlier = lists.slice(0, -1).flatMap(({ text }) => split(text, ['&&', '||']).map(({ part }) => bare(part)));
  if (!stopsAtFailure && earlier.some((part) => checks.test(part)))
    return 'continues after a check even if it failed: join the commands with &&';
  if (
    /^(?:fi|done|esac)\b/.test(last.text) &&
    !(givesUp.test(command) || (stopsAtFailure && last.text.startsWith('done')))
  )
    return 'exits with 0 whichever branch runs';
  const chain = split(last.text, ['&&', '||']);
  if (chain.some(({ separator }, i) => separator === '||' && !givesUp.test((chain[i + 1]?.part ?? '').trim())))
    return 'hides its exit code behind ||';
  const pipefail = /\bpipefail\b/.test(command);
  for (const { part } of chain) {
    const [first = '', ...rest] = stages(part);
    const end = rest.at(-1);
    if (first.startsWith('!') && checks.test(bare(first.slice(1)))) return 'inverts its exit code';
    if (end === undefined || pipefail) continue;
    if (filters.test(end) || (/^(?:grep|rg)\b/.test(end) && checks.test(first)))
      return 'hides its exit code behind a pipe (set -o pipefail keeps it)';
  }
  if (chain.every(({ part }) => idle.test(stages(part).at(-1) ?? ''))) return 'does not test the work';
  return undefined;
}

/** Names of files that tools and experiments leave behind. */
const names =
  /(^|\/)(?:node_modules|__pycache__|\.pytest_cache|\.mypy_cache|\.nyc_output|\.venv|coverage)\/|(^|\/)(?:\.DS_Store|nohup\.out|core|\.coverage)$|\.(?:log|tmp|temp|bak|orig|rej|swp|pyc|tsbuildinfo)$|^(?:debug|scratch|repro|try|tmp|temp)[\w-]*\.\w+$/i;

const most = 20;

/** New files of a diff that look as if they were left behind, at most 20. */
export function leftovers(patch: string): string[] {
  const added = patch
    .split(/^diff --git /m)
    .slice(1)
    .filter((part) => /^new file mode/m.test(part))
    .flatMap((part) => /^\+\+\+ b\/(.+)$/m.exec(part)?.[1] ?? part.split('\n')[0]?.split(' b/')[1] ?? []);
  return added.filter((path) => names.test(path)).slice(0, most);
}

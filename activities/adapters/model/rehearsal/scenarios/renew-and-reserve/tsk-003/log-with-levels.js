const LEVELS = { error: 0, warn: 1, info: 2 };

const levelOf = (status) => (status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info');

/** Requests as lines with a level, down to the level that is wanted. */
export function createLog(write = console.log, { level = 'info' } = {}) {
  return ({ method, path, status, ms, error }) => {
    if (LEVELS[levelOf(status)] > LEVELS[level]) return;
    write(`${levelOf(status).toUpperCase()} ${method} ${path} ${status} ${ms} ms${error ? `\n${error.stack}` : ''}`);
  };
}

/** One line for each request: `POST /loans 201 3 ms`. The stack follows when something broke. */
export function createLog(write = console.log) {
  return ({ method, path, status, ms, error }) => {
    write(`${method} ${path} ${status} ${ms} ms${error ? `\n${error.stack}` : ''}`);
  };
}

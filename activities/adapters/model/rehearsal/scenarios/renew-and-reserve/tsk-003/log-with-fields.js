const fields = ({ method, path, status, ms }) => ({ method, path, status, ms });

const line = (entry) =>
  Object.entries(fields(entry))
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/** Requests as `name=value` pairs. */
export function createLog(write = console.log) {
  return (entry) => write(entry.error ? `${line(entry)}\n${entry.error.stack}` : line(entry));
}

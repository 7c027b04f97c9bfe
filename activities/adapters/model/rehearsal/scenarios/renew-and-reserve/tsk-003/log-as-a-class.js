export class Logger {
  #write;
  #format;

  constructor(write = console.log, format = (entry) => `${entry.method} ${entry.path} ${entry.status} ${entry.ms} ms`) {
    this.#write = write;
    this.#format = format;
  }

  request(entry) {
    this.#write(`${this.#format(entry)}${entry.error ? `\n${entry.error.stack}` : ''}`);
  }
}

export function createLog(write) {
  const logger = new Logger(write);
  return (entry) => logger.request(entry);
}

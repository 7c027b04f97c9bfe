import type { Command } from 'commander';
import { Client } from './client.ts';
import { say } from './screen.ts';

/** Passed to every command: the connection to the API, and the one way to print a result. */
export class CliContext {
  private connected?: Client;

  constructor(private readonly program: Command) {}

  get json(): boolean {
    return this.program.opts<{ json?: boolean }>().json === true;
  }

  client(): Client {
    this.connected ??= new Client(this.program.opts<{ api?: string; org?: string }>());
    return this.connected;
  }

  /** Prints a result: `data` as JSON for programs with --json, else `text` for people. */
  print(data: unknown, text: string): void {
    say(this.json ? JSON.stringify(data, null, 2) : text);
  }
}

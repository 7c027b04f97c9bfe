import '@xterm/xterm/css/xterm.css';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { useEffect, useRef } from 'react';
import type { Command } from './terminal-tab.tsx';

const colour = (name: string) => {
  const probe = document.createElement('span');
  probe.style.color = `var(--color-${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
};
const theme = () => ({ background: colour('subtle'), foreground: colour('text'), cursor: colour('subtle') });

/** Opens the terminal. It makes style elements, which the page's policy allows with the nonce of the page alone. */
function open(terminal: Terminal, place: HTMLElement): void {
  const nonce = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? '';
  const create = document.createElement.bind(document);
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (name === 'style') element.nonce = nonce;
    return element;
  }) as typeof document.createElement;
  try {
    terminal.open(place);
  } finally {
    // The document's own method, which its prototype has.
    delete (document as Partial<Document>).createElement;
  }
}

const bold = (words: string) => `\x1b[1m${words}\x1b[0m`;
const dim = (words: string) => `\x1b[2m${words}\x1b[0m`;
/** The lines of a command that are known by now. */
const head = ({ turn, command }: Command) => `${dim(`turn ${turn}`)} ${bold(`$ ${command}`)}\n`;
const tail = ({ output, exit_code: code }: Command) => {
  const words = (output ?? '').replace(/\n*$/, '');
  return `${words}${words ? '\n' : ''}${code === 0 || code === null ? '' : `${dim(`exit ${code}`)}\n`}\n`;
};

/** A terminal that is only read. New output is added to it. */
export default function TerminalScreen({ commands }: { commands: Command[] }) {
  const place = useRef<HTMLDivElement>(null);
  const terminal = useRef<Terminal>();
  // How far each command is written: its first line, or all of it.
  const written = useRef(new Map<string, 'head' | 'all'>());
  useEffect(() => {
    if (!place.current) return undefined;
    const screen = new Terminal({
      disableStdin: true,
      convertEol: true,
      screenReaderMode: true,
      scrollback: 20_000,
      fontFamily: getComputedStyle(place.current).fontFamily,
      fontSize: 12,
      theme: theme(),
    });
    const fit = new FitAddon();
    screen.loadAddon(fit);
    open(screen, place.current);
    fit.fit();
    terminal.current = screen;
    written.current = new Map();
    const sizes = new ResizeObserver(() => fit.fit());
    sizes.observe(place.current);
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const follow = () => (screen.options.theme = theme());
    dark.addEventListener('change', follow);
    return () => {
      dark.removeEventListener('change', follow);
      sizes.disconnect();
      screen.dispose();
    };
  }, []);
  useEffect(() => {
    const screen = terminal.current;
    if (!screen) return;
    for (const command of commands) {
      const before = written.current.get(command.id);
      if (before === 'all') continue;
      if (!before) screen.write(head(command));
      if (command.output !== null) screen.write(tail(command));
      written.current.set(command.id, command.output === null ? 'head' : 'all');
    }
  }, [commands]);
  return (
    <div className="overflow-hidden rounded-md border bg-subtle p-2 font-mono">
      <div ref={place} role="region" aria-label="Terminal" className="h-[28rem]" />
    </div>
  );
}

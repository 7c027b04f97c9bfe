import { plain, type Row } from '../row.ts';

const utf16 = (text: string, order: 'le' | 'be' = 'le') => {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
};
const bom = (text: string) => `\uFEFF${text}`;
const manifest = '{"name":"x","scripts":{"test":"node -e 0"}}\n';

/** Encodings and byte-order marks of the files that the platform reads itself. */
export const encodings: Row[] = [
  {
    name: 'AGENTS.md in UTF-16, little-endian',
    make: (dir) => void plain(dir, { 'AGENTS.md': utf16('Use tabs.\r\n') }),
  },
  {
    name: 'CLAUDE.md in UTF-16, big-endian',
    make: (dir) => void plain(dir, { 'CLAUDE.md': utf16('Use tabs.', 'be') }),
  },
  { name: 'AGENTS.md with a byte-order mark', make: (dir) => void plain(dir, { 'AGENTS.md': bom('Use tabs.\n') }) },
  {
    name: 'AGENTS.md of NUL bytes',
    make: (dir) => void plain(dir, { 'AGENTS.md': Buffer.from('a\0b\0\xff', 'latin1') }),
  },
  {
    name: 'package.json with a byte-order mark',
    make: (dir) => void plain(dir, { 'package.json': bom(manifest) }),
    command: 'npm test',
  },
  { name: 'package.json in UTF-16', make: (dir) => void plain(dir, { 'package.json': utf16(manifest) }) },
  { name: 'package.json that is not JSON', make: (dir) => void plain(dir, { 'package.json': '{"name": oops' }) },
  {
    name: 'Makefile and sources in Latin-1',
    make: (dir) =>
      void plain(dir, {
        Makefile: Buffer.from('# caf\xe9\ntest:\n\ttrue\n', 'latin1'),
        'caf.c': Buffer.from('/* \xe9 */\n', 'latin1'),
      }),
  },
  {
    name: '.gitattributes and .gitignore with byte-order marks and CRLF',
    make: (dir) =>
      void plain(dir, { '.gitattributes': bom('*.txt text\r\n'), '.gitignore': bom('*.log\r\nbuild/\r\n') }),
    command: 'mkdir -p build && touch build/x b.log',
  },
];

import { lineOf } from '../documents.ts';
import { check, type Ecosystem, emptyPart } from '../ecosystem.ts';

/** Autotools, where CI says that they build the project. */
export const autotools: Ecosystem = {
  name: 'autotools',
  language: 'c',
  markers: /^configure\.ac$/,
  files: ['Makefile.am'],
  namedByCi: /\.\/configure\b|\bautoreconf\b|\bautogen\.sh\b/,
  find(folder) {
    if (!folder.has('configure.ac')) return undefined;
    const part = emptyPart();
    const file = folder.file('configure.ac');
    const line = lineOf(folder.text('configure.ac'), /AC_INIT/);
    const command = folder.has('configure') ? './configure' : 'autoreconf -fi && ./configure';
    part.setup.push({ command, source: { file, line } });
    part.checks.push(check('test', 'make check', file, line));
    return part;
  },
  covers: (folder, below) => folder.has('configure.ac') && below !== '',
};

import type { CheckPurpose } from '#workflows/domain/survey/environment.ts';
import { lineOf } from '../documents.ts';
import { check, type Ecosystem, emptyPart } from '../ecosystem.ts';

const targets: [CheckPurpose, string[]][] = [
  ['test', ['test', 'tests', 'check']],
  ['types', ['typecheck', 'types']],
  ['lint', ['lint']],
  ['build', ['build', 'all']],
];

export const make: Ecosystem = {
  name: 'make',
  language: 'make',
  markers: /^(GNUmakefile|[Mm]akefile)$/,
  files: [],
  fallback: true,
  find(folder) {
    const name = ['GNUmakefile', 'makefile', 'Makefile'].find((one) => folder.has(one));
    if (!name) return undefined;
    const part = emptyPart();
    const text = (folder.text(name) ?? '').slice(0, 500_000);
    for (const [purpose, known] of targets) {
      const target = known.find((one) =>
        new RegExp(`^([\\w.-]+ +){0,9}${one}( +[\\w.-]+){0,9} *:(?!=)`, 'm').test(text),
      );
      if (!target) continue;
      const line = lineOf(text, new RegExp(`^([\\w.-]+ +){0,9}${target}( +[\\w.-]+){0,9} *:(?!=)`));
      part.checks.push(check(purpose, `make ${target}`, folder.file(name), line));
    }
    return part;
  },
};

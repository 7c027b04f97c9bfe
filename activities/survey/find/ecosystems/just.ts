import type { CheckPurpose } from '#workflows/domain/survey/environment.ts';
import { lineOf } from '../documents.ts';
import { check, type Ecosystem, emptyPart } from '../ecosystem.ts';

const recipes: [CheckPurpose, string[]][] = [
  ['test', ['test', 'tests', 'check']],
  ['types', ['typecheck', 'types']],
  ['lint', ['lint']],
  ['build', ['build']],
];

export const just: Ecosystem = {
  name: 'just',
  language: 'just',
  markers: /^\.?[Jj]ustfile$/,
  files: [],
  fallback: true,
  find(folder) {
    const name = ['justfile', 'Justfile', '.justfile'].find((one) => folder.has(one));
    if (!name) return undefined;
    const part = emptyPart();
    const text = folder.text(name);
    for (const [purpose, known] of recipes) {
      // A recipe whose parameters have no defaults cannot run by its name alone.
      const line = (recipe: string) => new RegExp(`^@?${recipe}( +[*]?\\w+=\\S+| +[*]\\w+)* *:(?!=)`);
      const recipe = known.find((one) => (text ?? '').split(/\r?\n/, 5000).some((content) => line(one).test(content)));
      if (recipe) part.checks.push(check(purpose, `just ${recipe}`, folder.file(name), lineOf(text, line(recipe))));
    }
    return part;
  },
};

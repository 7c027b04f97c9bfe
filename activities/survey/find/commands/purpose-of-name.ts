import type { CheckPurpose } from '#workflows/domain/survey/environment.ts';

/** Names of scripts and targets, by purpose. Each may have a suffix such as `test:unit`. */
const purposes: [CheckPurpose, RegExp][] = [
  ['types', /^(types?|type-?check|check[-_:]types?|types[-_:]check|tsc|lint[-_:]types?)([:._-]\w{1,20}){0,2}$/],
  [
    'lint',
    /^(lint|eslint|style|vet|check|(format|fmt|prettier|style)[-_:]check|check[-_:](format|fmt|style))([:._-]\w{1,20}){0,2}$/,
  ],
  ['test', /^(tests?|unit|unit-tests?|spec|ci[-:]test|check-tests?)([:._-]\w{1,20}){0,2}$/],
  ['build', /^(build|compile)([:._-]\w{1,20}){0,2}$/],
];
const effects =
  /(^|[:._-])(publish|deploy|releases?|login|push|upload|watch|fix|write|dev|serve|update|sign)($|[:._-])/i;

export const purposeOfName = (name: string): CheckPurpose | undefined =>
  effects.test(name) ? undefined : purposes.find(([, pattern]) => pattern.test(name))?.[0];

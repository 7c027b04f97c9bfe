import { execFileSync } from 'node:child_process';
import { Bench } from './bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const isThere = (program: string) => {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const languages = [
  ['python3', 'a.py', 'def f():\n    return 1\n', 'def f():', 'def f(:', /line 1: /],
  ['bash', 'a.sh', 'if true; then echo; fi\n', '; fi', '', /line \d/],
  ['gofmt', 'a.go', 'package a\n\nfunc F() {}\n', 'F()', 'F(', /<standard input>:3:/],
  ['rustfmt', 'a.rs', 'fn f()  {}\n', 'f()', 'f(', /^error/m],
] as const;

describe.each(languages)('%s', (...[program, path, good, right, wrong, problem]) => {
  const run = isThere(program) ? test : test.skip;

  run(`${path}: what does not parse is named after it was written, and again when it is edited`, async () => {
    expect((await bench.call('write_file', { path, content: good })).text).not.toContain('does not parse');
    const broken = await bench.call('edit_file', { path, old_text: right, new_text: wrong });
    expect(broken.is_error).toBeUndefined();
    expect(broken.text).toContain(`It does not parse (${program})`);
    expect(broken.text).toMatch(problem);
    const fixed = await bench.call('write_file', { path, content: good });
    expect(fixed.text).not.toContain('does not parse');
  });
});

test('a checker that is missing, and a language without one, say nothing', async () => {
  bench.port.exec = async () => ({ exitCode: 127, stdout: Buffer.from(''), stderr: 'python3: not found' });
  expect((await bench.call('write_file', { path: 'b.py', content: 'def (' })).text).not.toContain('parse');
  expect((await bench.call('write_file', { path: 'b.cobol', content: 'DEF (' })).text).not.toContain('parse');
});

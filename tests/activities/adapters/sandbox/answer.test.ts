import { readAnswer } from '#activities/adapters/sandbox/remote/calls.ts';

const said = Buffer.from('what the call printed').toString('base64');
const answer = `omoios 0 21 -\n\n${said}\nend\n`;
const warning = 'bash: warning: setlocale: LC_ALL: cannot change locale (xx_XX.UTF-8)\n';

test('an answer is read wherever the warnings of a shell come into it', () => {
  const read = readAnswer(answer);
  expect(read).toMatchObject({ exitCode: 0, size: 21, stderr: '' });
  expect(String(read?.stdout)).toBe('what the call printed');
  for (let at = 0; at <= answer.length; at += 1)
    expect(readAnswer(`${answer.slice(0, at)}${warning.repeat(2)}${answer.slice(at)}`)).toEqual(read);
});

test('an answer that was cut off is none', () => {
  for (let at = 0; at < answer.length - 1; at += 1) expect(readAnswer(answer.slice(0, at))).toBeUndefined();
});

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { rootDir } from '#activities/services/config.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { answerValue, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { ownerKey, playOnShared, shared } from '#tests/support/shared.ts';

/** Runs the evaluation as a person does. A failing program is an answer, too. */
async function evaluate(folder: string, ...args: string[]) {
  const command = ['--import', 'tsx', 'scripts/evaluate/main.ts', folder, '--api', shared.url, ...args];
  const env = { ...process.env, OMOIOS_API_KEY: ownerKey() };
  return promisify(execFile)(process.execPath, command, { cwd: rootDir, env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );
}

const hiddenTest = (name: string, n: number) =>
  `diff --git a/test/${name}.test.js b/test/${name}.test.js
new file mode 100644
--- /dev/null
+++ b/test/${name}.test.js
@@ -0,0 +1,4 @@
+import assert from 'node:assert/strict';
+import test from 'node:test';
+import { ${name} } from '../src/${name}.js';
+test('${name}', () => assert.equal(${name}(2), ${n}));
`;

describe('the evaluation', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'omoios-evaluation-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('runs tests that the agent does not see on its pull request, and names the cause where they do not pass', async () => {
    const repository = new TestRepository();
    const base_commit = repository.git('rev-parse', 'HEAD');
    repository.write('src/double.js', 'export const double = (n) => 2 * n;\n');
    repository.commit('The solution, which no agent may see');
    const played = await playOnShared((request) => {
      const answer = answerValue(request);
      if (answer) return answer;
      if (request.context.kind === 'validation') return reviewPasses(request);
      const name = request.raw.includes('Double') ? 'double' : 'triple';
      return finishTask(request, { [`src/${name}.js`]: `export const ${name} = (n) => 2 * n;\n` });
    });
    const task = (name: string, n: number, fields = {}) => ({
      instance_id: `small-${name.toLowerCase()}`,
      repo: repository.path,
      base_commit,
      problem_statement: `${name} a number ${played.word}\n\n${name.toLowerCase()}(n) in src.`,
      test_patch: hiddenTest(name.toLowerCase(), n),
      test_command: 'node --test',
      FAIL_TO_PASS: JSON.stringify([`test/${name.toLowerCase()}.test.js`]),
      PASS_TO_PASS: ['test/sum.test.js'],
      ...fields,
    });
    const tasks = [task('Double', 4), task('Triple', 6), task('Sum', 0, { FAIL_TO_PASS: [], test_patch: '' })];
    writeFileSync(path.join(folder, 'tasks.jsonl'), tasks.map((entry) => `${JSON.stringify(entry)}\n`).join(''));

    const { stdout } = await evaluate(folder, '--parallel', '3');
    await played.stop();

    expect(stdout).toContain('Resolved 1 of 3 (33 %)');
    const file = /Each result: (.*)/.exec(stdout)?.[1] ?? '';
    const results = JSON.parse(readFileSync(file, 'utf8')) as { instance_id: string; cause: string; turns: number }[];
    const found = Object.fromEntries(results.map((result) => [result.instance_id, result]));
    expect(found['small-double']).toMatchObject({ resolved: true, cause: 'resolved' });
    expect(found['small-double']?.turns).toBeGreaterThan(0);
    expect(found['small-triple']).toMatchObject({ cause: 'wrong', detail: expect.stringContaining('4 !== 6') });
    expect(found['small-sum']).toMatchObject({ cause: 'invalid_task', turns: 0, cost_usd: 0 });
    expect(played.model.requests.every(({ raw }) => !raw.includes('The solution'))).toBe(true);
    rmSync(path.dirname(file), { recursive: true });
  });

  test('refuses a file that is not a task, and names the field', async () => {
    writeFileSync(path.join(folder, 'tasks.jsonl'), '{"instance_id":"a","repo":".","base_commit":"main"}\n');
    const { code, stderr } = await evaluate(folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(/tasks\.jsonl, line 1 is not a task[\s\S]*base_commit[\s\S]*test_command/);
  });
});

import { existsSync } from 'node:fs';
import { fileType } from '#activities/tools/support/file-type.ts';
import { openBench, workingKinds, type Bench } from '#tests/ports/local/fixture.ts';

const isThere = existsSync('/usr/bin/chromium') && (await workingKinds()).includes('local');

(isThere ? describe : describe.skip)('a page in a sandbox', () => {
  let bench: Bench;
  let id: string;
  beforeAll(async () => {
    bench = await openBench('local');
    id = await bench.make();
  });
  afterAll(() => bench.close());

  test('is drawn by the Chromium of the machine, without network, as an image that a model can see', async () => {
    const page = '<body style="background: #08f"><h1>Hello</h1></body>';
    const command = `echo '${page}' > page.html && chromium --headless --no-sandbox --disable-gpu --window-size=800,600 --screenshot=page.png "file://$PWD/page.html"`;
    const { exit_code, output } = await bench.sh(id, command);
    expect(exit_code === 0 ? 0 : output).toBe(0);
    const bytes = await bench.sandbox.readFile(id, 'page.png');
    expect(fileType(bytes)).toEqual({ kind: 'image', mediaType: 'image/png', width: 800, height: 600 });
  }, 120_000);
});

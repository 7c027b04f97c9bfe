// A file of tests that would begin after NOT_AFTER (milliseconds since 1970) is left out; count-reporter.mjs names it.
if (Date.now() > Number(process.env.NOT_AFTER ?? Infinity)) {
  const { skip } = globalThis.test;
  globalThis.test = Object.assign(skip, { skip, only: skip, concurrent: skip });
  for (const hook of ['beforeAll', 'afterAll', 'beforeEach', 'afterEach']) globalThis[hook] = () => undefined;
}

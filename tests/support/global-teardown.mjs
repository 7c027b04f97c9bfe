export default async function teardown() {
  const { router, stack } = globalThis.omoiosShared;
  // What went wrong inside is told where the tests are read: level 50 is an error.
  for (const line of stack.log('application').split('\n')) if (line.startsWith('{"level":50')) console.error(line);
  await stack.stop();
  router.server.closeAllConnections();
  router.server.close();
}

export default async function teardown() {
  const { router, identity, github, stack } = globalThis.omoiosShared;
  // Errors of the application (level 50) are printed beside the results of the tests.
  for (const line of stack.log('application').split('\n')) if (line.startsWith('{"level":50')) console.error(line);
  await stack.stop();
  identity.stop();
  github.close();
  router.server.closeAllConnections();
  router.server.close();
}

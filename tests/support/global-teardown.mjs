export default async function teardown() {
  const { router, stack } = globalThis.omoiosShared;
  await stack.stop();
  router.server.closeAllConnections();
  router.server.close();
}

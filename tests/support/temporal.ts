import type { Client } from '@temporalio/client';

/** Connects to a Temporal server. Its client is loaded here, since few test files need it and each would load it again. */
export async function connectToTemporal(address: string): Promise<{ client: Client; close(): Promise<void> }> {
  const { Client, Connection } = await import('@temporalio/client');
  const { dataConverter } = await import('#temporal/data-converter.ts');
  const connection = await Connection.connect({ address });
  return { client: new Client({ connection, dataConverter }), close: () => connection.close() };
}

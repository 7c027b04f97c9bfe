// @ts-check
// port.mjs PORT SANDBOX
// A way to one port of a sandbox. Runs in the sandbox's network, with the files of the machine: listens on a socket in a new
// folder that only this user reads, prints its path, and passes each connection on. Ends with its stdin, and with the sandbox:
// the file SANDBOX exists as long as that.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setInterval } from 'node:timers';

const port = Number(process.argv[2]);
const sandbox = process.argv[3] ?? '';
const folder = mkdtempSync(path.join(tmpdir(), 'omoios-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => process.exit());
process.stdin.on('end', () => process.exit()).resume();
setInterval(() => {
  if (!existsSync(sandbox)) process.exit();
}, 1000);

/**
 * @param {import('node:net').Socket} client
 * @param {string[]} hosts addresses to try: a server may listen on one of them alone.
 */
function reach(client, [host, ...others]) {
  if (!host) return client.destroy();
  const server = connect({ host, port, allowHalfOpen: true });
  server.once('error', () => reach(client, others));
  server.once('connect', () => {
    server.removeAllListeners('error');
    server.on('error', () => client.destroy());
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    client.pipe(server).pipe(client);
  });
}

const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
  client.on('error', () => client.destroy());
  reach(client, ['127.0.0.1', '::1']);
});
const socket = path.join(folder, 'port');
server.listen(socket, () => process.stdout.write(`${socket}\n`));

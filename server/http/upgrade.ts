import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

const ofUpgrade = ['upgrade', 'connection', 'http2-settings'];

/**
 * Answers a request for an upgrade that the server does not support, such as h2c, as if it did not ask for one. Node
 * passes such a request on without an answer as soon as a listener for upgrades exists. The request is given back to
 * the server without its upgrade, so its body is read and the connection stays usable.
 */
export function ignoreUpgrade(server: Server, req: IncomingMessage, socket: Duplex, rest: Buffer): void {
  const lines = [`${req.method} ${req.url} HTTP/${req.httpVersion}`];
  for (let at = 0; at < req.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = req.rawHeaders.slice(at, at + 2);
    if (!ofUpgrade.includes(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  const close = /\bclose\b/i.test(req.headers.connection ?? '') ? 'close' : 'keep-alive';
  lines.push(`Connection: ${close}`, '', '');
  socket.unshift(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), rest]));
  server.emit('connection', socket);
  socket.resume();
}

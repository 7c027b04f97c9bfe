// @ts-check
// network.mjs POLICY_FILE
// The network of one command: a network namespace without any way out, in which 127.0.0.1:3128 is this proxy. The proxy runs
// outside and connects to what the policy allows. Prints the id of a process in the namespace once it serves, and ends with its stdin.
import { Buffer } from 'node:buffer';
import { fork } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { BlockList, connect, createServer, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { URL } from 'node:url';

const port = 3128;

if (process.send) {
  // In the namespace: listens, and gives the listening socket to the process outside.
  const server = createServer();
  // Only the process outside accepts connections.
  server.listen(port, '127.0.0.1', () => process.send?.(process.pid, server, () => server.close()));
  server.on('error', (error) => fail(error.message));
  // Lives, and keeps the namespace, as long as the process outside.
  process.on('message', () => undefined);
  process.on('disconnect', () => process.exit());
} else {
  serve(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
}

/** @param {string} message */
function fail(message) {
  console.error(`OmoiOS could not give this command a network: ${message}`);
  process.exit(1);
}

/**
 * @typedef {object} Policy
 * @property {string[]} enter command-line prefix that enters a new network namespace of the sandbox.
 * @property {string} sandbox a file that exists while the sandbox runs.
 * @property {string[] | null} names hosts that may be reached, `*.` for those below; null: every public host.
 * @property {string[]} allow hosts, host:port, addresses and networks that may be reached wherever they are.
 * @property {{ url?: string, except: string[] }} proxy the machine's own proxy.
 * @property {{ host: string, url: string, path: string } | null} platform name and address of the platform, and how the
 * paths begin that the command may call there.
 */

/** @param {Policy} policy */
function serve(policy) {
  const [program = '', ...args] = policy.enter;
  const inside = fork(process.argv[1] ?? '', [], {
    execPath: program,
    execArgv: args,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  // 3: the sandbox itself has ended.
  inside.on('exit', () => process.exit(existsSync(policy.sandbox) ? 1 : 3));
  inside.on('error', (error) => fail(error.message));
  process.stdin.on('end', () => process.exit()).resume();
  const proxy = createProxy(policy);
  inside.on('message', (pid, /** @type {import('node:net').Server} */ server) => {
    server.on('connection', (socket) => proxy.emit('connection', socket));
    process.stdout.write(`${pid}\n`);
  });
}

/** @param {Policy} policy */
function createProxy(policy) {
  const server = http.createServer(async (request, response) => {
    try {
      const url = new URL(request.url ?? '');
      if (url.protocol !== 'http:') throw new Refusal(`${url.protocol} is not supported`);
      if (hostOf(url.hostname) === policy.platform?.host) return toPlatform(policy.platform, url, request, response);
      const { 'proxy-connection': _, 'proxy-authorization': __, ...headers } = request.headers;
      const { socket, proxied } = await reach(policy, hostOf(url.hostname), Number(url.port) || 80, false);
      if (proxied) headers['proxy-authorization'] = proxied;
      const path = proxied === undefined ? url.pathname + url.search : url.href;
      const options = { createConnection: () => socket, method: request.method, path, headers };
      const forward = http.request(options, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      forward.on('error', () => response.destroy());
      response.on('close', () => socket.destroy());
      request.pipe(forward);
    } catch (error) {
      refuse(error, (status, text) => response.writeHead(status, { 'content-type': 'text/plain' }).end(text));
    }
  });
  server.on('connect', async (request, client, head) => {
    client.on('error', () => client.destroy());
    try {
      const url = new URL(`http://${request.url}`);
      const { socket } = await reach(
        policy,
        hostOf(url.hostname),
        Number(/:(\d+)$/.exec(request.url ?? '')?.[1]) || 443,
        true,
      );
      socket.on('error', () => client.destroy());
      socket.on('close', () => client.destroy());
      client.on('close', () => socket.destroy());
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.write(head);
      socket.pipe(client).pipe(socket);
    } catch (error) {
      refuse(error, (status, text) =>
        client.end(
          `HTTP/1.1 ${status} Refused\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
        ),
      );
    }
  });
  server.on('clientError', (_, socket) => socket.destroy());
  return server;
}

/** Nothing else of a request reaches the platform: it trusts what this machine says of a caller's address. */
const platformHeaders = [
  ...['authorization', 'accept', 'content-type', 'content-length', 'transfer-encoding', 'idempotency-key'],
  ...['user-agent', 'x-request-id', 'anthropic-version', 'anthropic-beta'],
];

/**
 * Passes a request on to the platform, when its path is one that the command may call.
 * @param {NonNullable<Policy['platform']>} platform
 * @param {URL} url
 * @param {http.IncomingMessage} request
 * @param {http.ServerResponse} response
 */
function toPlatform(platform, url, request, response) {
  if (url.port || !url.pathname.startsWith(platform.path))
    throw new Refusal(`a command reaches only http://${platform.host}${platform.path} of the platform`);
  const target = new URL(platform.url);
  const headers = Object.fromEntries(
    platformHeaders.flatMap((name) => (request.headers[name] ? [[name, request.headers[name]]] : [])),
  );
  const path = target.pathname.replace(/\/$/, '') + url.pathname + url.search;
  const options = {
    host: hostOf(target.hostname),
    port: target.port,
    method: request.method,
    path,
    headers,
    timeout: 60_000,
  };
  const forward = (target.protocol === 'https:' ? https : http).request(options, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  forward.on('timeout', () => forward.destroy());
  forward.on('error', () =>
    response.headersSent ? response.destroy() : response.writeHead(502).end('OmoiOS: the platform does not answer.\n'),
  );
  response.on('close', () => forward.destroy());
  request.pipe(forward);
}

class Refusal extends Error {}

/** @type {Set<string>} */
const said = new Set();

/**
 * @param {unknown} error
 * @param {(status: number, text: string) => unknown} answer
 */
function refuse(error, answer) {
  const message = error instanceof Error ? error.message : String(error);
  const text = `OmoiOS: ${message}.\n`;
  if (error instanceof Refusal && !said.has(text)) {
    said.add(text);
    process.stderr.write(text);
  }
  answer(error instanceof Refusal ? 403 : 502, text);
}

/** @param {string} hostname */
const hostOf = (hostname) =>
  hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();

/**
 * Connects to a host that the policy allows: to the address that was checked, so that a name cannot lead elsewhere at the
 * second look.
 * @param {Policy} policy
 * @param {string} host
 * @param {number} at
 * @param {boolean} tunnel
 * @returns {Promise<{ socket: import('node:net').Socket, proxied?: string }>}
 */
async function reach(policy, host, at, tunnel) {
  if (host === policy.platform?.host) throw new Refusal(`${host} takes plain http to port 80`);
  const listed = policy.allow.some((entry) => namesHost(entry, host, at));
  if (policy.names?.length === 0) throw new Refusal(`this command reaches nothing but the platform, and not ${host}`);
  if (policy.names && !listed && !policy.names.some((name) => matches(name, host)))
    throw new Refusal(
      `${host} is not a package registry. The project's setting network: full allows it, or the operator's sandbox.network_allow`,
    );
  const found = await lookup(host, { all: true, verbatim: true }).catch(() => []);
  const allowed = found.find(
    ({ address }) => listed || !isInner(address) || policy.allow.some((entry) => holds(entry, address, at)),
  );
  if (found.length > 0 && !allowed)
    throw new Refusal(
      `${host} is an address of this machine or of a private network. The operator may list it in sandbox.network_allow`,
    );
  if (
    policy.proxy.url &&
    !policy.proxy.except.some((name) => matches(name.replace(/^\.?/, '*.'), host) || name === host)
  )
    return throughProxy(new URL(policy.proxy.url), host, at, tunnel);
  if (!allowed) throw new Error(`${host} was not found`);
  return { socket: await connected(connect({ host: allowed.address, port: at })) };
}

/**
 * @param {URL} proxy
 * @param {string} host
 * @param {number} at
 * @param {boolean} tunnel
 */
async function throughProxy(proxy, host, at, tunnel) {
  const to = { host: hostOf(proxy.hostname), port: Number(proxy.port) || (proxy.protocol === 'https:' ? 443 : 80) };
  const socket = await connected(
    proxy.protocol === 'https:' ? connectTls({ ...to, servername: to.host }) : connect(to),
  );
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const sign = user === ':' ? '' : `Basic ${Buffer.from(user).toString('base64')}`;
  if (!tunnel) return { socket, proxied: sign };
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${at}`;
  const ask = http.request({
    createConnection: () => socket,
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...(sign ? { 'proxy-authorization': sign } : {}) },
  });
  return new Promise((resolve, reject) => {
    ask.on('error', reject);
    ask.on('response', (answer) => reject(new Error(`the machine's proxy answered ${answer.statusCode} for ${host}`)));
    ask.on('connect', (answer, tunnelled) =>
      answer.statusCode === 200
        ? resolve({ socket: tunnelled })
        : reject(new Error(`the machine's proxy answered ${answer.statusCode} for ${host}`)),
    );
    ask.end();
  });
}

/**
 * @param {import('node:net').Socket} socket
 * @returns {Promise<import('node:net').Socket>}
 */
const connected = (socket) =>
  new Promise((resolve, reject) => {
    socket.setTimeout(30_000, () => socket.destroy(new Error('it does not answer')));
    socket.once('error', reject);
    /** @type {string} */
    const event = 'encrypted' in socket ? 'secureConnect' : 'connect';
    socket.once(event, () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });

/**
 * @param {string} name
 * @param {string} host
 */
const matches = (name, host) => (name.startsWith('*.') ? `.${host}`.endsWith(name.slice(1)) : name === host);

/**
 * @param {string} entry
 * @param {string} host
 * @param {number} at
 */
const namesHost = (entry, host, at) => entry === `${host}:${at}` || matches(entry, host);

/** @param {string} address */
const plain = (address) => address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
/** @param {string} address */
const family = (address) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/**
 * @param {string} entry
 * @param {string} address
 * @param {number} at
 */
function holds(entry, address, at) {
  const [network = '', prefix] = entry.split('/');
  if (!prefix || isIP(network) === 0) return entry === plain(address) || entry === `${plain(address)}:${at}`;
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family(network));
  return list.check(plain(address), family(plain(address)));
}

const inner = new BlockList();
for (const network of [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/3', '::/96', '64:ff9b::/96', 'fc00::/7', 'fe80::/9', 'ff00::/8'],
]) {
  const [address = '', prefix] = network.split('/');
  inner.addSubnet(address, Number(prefix), family(address));
}

/**
 * Whether the address is private, link-local, loopback, or one of this machine's own.
 * @param {string} address
 */
function isInner(address) {
  if (/^::ffff:/i.test(plain(address))) return true;
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return (
    inner.check(plain(address), family(plain(address))) || own.some((each) => plain(each.address) === plain(address))
  );
}

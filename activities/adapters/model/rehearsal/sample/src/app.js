import { createServer } from 'node:http';
import { borrow, giveBack } from './loans.js';
import { Refusal } from './refusal.js';
import { findLoan, listThings } from './shed.js';

const LARGEST_BODY = 10_000;

/** Method, path, status when all is well, and who answers. */
const routes = [
  ['GET', '/things', 200, ({ shed }) => listThings(shed)],
  ['GET', '/loans/:id', 200, ({ shed, id }) => findLoan(shed, id)],
  ['POST', '/loans', 201, ({ shed, body, today }) => borrow(shed, body, today())],
  ['POST', '/loans/:id/return', 200, ({ shed, id, today }) => giveBack(shed, id, today())],
];

/** @param today the day it is; @param log is told of every request. */
export function createApp({ shed, today, log }) {
  return createServer(async (request, response) => {
    const started = Date.now();
    const { status, body, error } = await answer(request, { shed, today });
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    log({ method: request.method, path: request.url, status, ms: Date.now() - started, error });
  });
}

async function answer(request, context) {
  try {
    const [pathname] = request.url.split('?');
    for (const [method, path, status, handle] of routes) {
      const match = method === request.method && matchPath(path, pathname);
      if (match) return { status, body: handle({ ...context, ...match, body: await readBody(request) }) };
    }
    throw new Refusal(404, `Nothing answers ${request.method} ${pathname}.`);
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, body: { error: error.message } };
    return { status: 500, body: { error: 'Something fell off a shelf. It is our fault.' }, error };
  }
}

/** The values of `:name` parts, or undefined when the path is another. */
function matchPath(path, pathname) {
  const wanted = path.split('/');
  const given = pathname.split('/');
  if (wanted.length !== given.length) return undefined;
  const values = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith(':')) values[part.slice(1)] = given[index];
    else if (part !== given[index]) return undefined;
  }
  return values;
}

async function readBody(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > LARGEST_BODY) throw new Refusal(413, 'That is too much to read.');
  }
  if (text === '') return {};
  const body = parse(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Refusal(400, 'The body has to be a JSON object.');
  return body;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

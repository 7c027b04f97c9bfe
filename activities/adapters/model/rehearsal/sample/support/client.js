import { once } from 'node:events';
import { createApp } from '../src/app.js';
import { createShed, inventory } from '../src/shed.js';

/** A shed of its own behind HTTP, on a day that the test sets: `shed.day = '2026-03-09'`. */
export async function openShed(day) {
  const opened = { day, logged: [] };
  const app = createApp({ shed: createShed(inventory), today: () => opened.day, log: (entry) => opened.logged.push(entry) });
  await once(app.listen(0, '127.0.0.1'), 'listening');

  const ask = async (method, path, body) => {
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    const response = await fetch(`http://127.0.0.1:${app.address().port}${path}`, { method, body: text });
    return { status: response.status, body: await response.json() };
  };
  return Object.assign(opened, {
    get: (path) => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    close: () => {
      app.close();
      app.closeAllConnections();
    },
  });
}

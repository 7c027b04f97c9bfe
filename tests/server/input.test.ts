import { connect } from 'node:net';
import { readFileSync } from 'node:fs';
import { samplePath } from '#tests/support/sample-input.ts';
import { organization, startStubApp } from '#tests/support/stub-app.ts';

const id = '22222222-2222-4222-8222-222222222222';
const refuse = (error: object) => () => Promise.reject(Object.assign(new Error('refused by the database'), error));

let app: Awaited<ReturnType<typeof startStubApp>>;
let failWith: object = { code: '22P02' };
beforeAll(async () => {
  app = await startStubApp({ projects: { list: () => refuse(failWith)() } });
});
afterAll(() => app.close());

interface Refusal {
  status: number;
  body: { error: string; message: string; details?: { field: string; message: string }[] };
}

async function send(method: string, path: string, body?: string, type = 'application/json'): Promise<Refusal> {
  const response = await fetch(`${app.url}/api/v1${path}`, {
    method,
    headers: { authorization: 'Bearer sk_live_x', ...(body === undefined ? {} : { 'content-type': type }) },
    body,
  });
  return { status: response.status, body: (await response.json()) as Refusal['body'] };
}

describe('text that cannot be stored', () => {
  const bodies: [method: string, path: string, body: object, field: string][] = [
    ['POST', '/tickets', { project_id: id, title: 'a%b', description: 'x' }, 'title'],
    ['POST', '/specs/launch', { project_id: id, title: 'x', description: 'a%b' }, 'description'],
    ['POST', `/runs/${id}/messages`, { content: 'a%b' }, 'content'],
    ['POST', `/runs/${id}/interrupt`, { message: 'a%b' }, 'message'],
    ['POST', `/runs/${id}/pause`, { reason: 'a%b' }, 'reason'],
    ['POST', `/runs/${id}/steer`, { kind: 'redirect', message: 'a%b' }, 'message'],
    ['POST', `/specs/${id}/cancel`, { reason: 'a%b' }, 'reason'],
    [
      'POST',
      `/tasks/${id}/discoveries`,
      { type: 'bug', description: 'x', metadata: { a: [{ b: '%' }] } },
      'metadata.a.0.b',
    ],
    ['PATCH', `/organizations/${organization}`, { settings: { 'a%b': 1 } }, 'settings'],
    ['POST', `/auth/login`, { email: 'a%b', password: 'x' }, 'email'],
  ];

  test.each(bodies)('%s %s refuses it in the body', async (method, path, body, field) => {
    for (const unsafe of ['\\u0000', '\\ud800', '\\udc00']) {
      const answer = await send(method, path, JSON.stringify(body).replace('%', unsafe));
      expect([unsafe, answer.status, answer.body.details?.map((detail) => detail.field)]).toEqual([
        unsafe,
        422,
        [field],
      ]);
      expect(answer.body.message).toContain(field);
    }
  });

  test('it is refused in the query and in the path, and whole pairs are accepted', async () => {
    expect(await send('GET', '/tickets?search=a%00b')).toMatchObject({
      status: 422,
      body: { details: [{ field: 'search' }] },
    });
    expect(await send('DELETE', `/specs/${id}/requirements/a%00b`, '{"version":1}')).toMatchObject({
      status: 422,
      body: { details: [{ field: 'requirement' }] },
    });
    const pair = await send('POST', `/runs/${id}/steer`, '{"kind":"dance","message":"\\ud83d\\ude00"}');
    expect(pair.body.details?.map((detail) => detail.field)).toEqual(['kind']);
  });

  test('a body that is nested too deep is refused', async () => {
    const deep = `{"name":"x","settings":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
    expect(await send('PATCH', `/organizations/${organization}`, deep)).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('nested deeper') },
    });
  });
});

describe('bytes that are not UTF-8', () => {
  const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const sendBytes = async (method: string, path: string, body: Uint8Array<ArrayBuffer>) => {
    const headers = { authorization: 'Bearer sk_live_x', 'content-type': 'application/json' };
    const response = await fetch(`${app.url}/api/v1${path}`, { method, headers, body });
    return { status: response.status, body: (await response.json()) as Refusal['body'] };
  };
  const cases: [text: string, field: string][] = [
    ['{"title":"caf\xe9 \xed\xa0\x80"}', 'title'],
    ['{"title":"\xc3\xa9 \\u00e9 \\\\","criteria":[{"text":"\xff"}]}', 'criteria.0.text'],
    ['{"a":{"\xc0\x80":1}}', 'a'],
    ['{"title":"\xe9"', 'body'],
    ['"\xf5"', 'body'],
  ];
  test.each(cases)('are refused in the body: %j', async (text, field) => {
    for (const [method, path] of [
      ['POST', '/tickets'],
      ['PATCH', `/organizations/${organization}`],
      ['POST', '/auth/login'],
    ] as const) {
      const answer = await sendBytes(method, path, latin1(text));
      expect([path, answer.status, answer.body.details]).toEqual([
        path,
        422,
        [{ field, message: expect.stringContaining('UTF-8') }],
      ]);
    }
  });

  test('are refused in the query and in the path, and a plain percent sign is accepted', async () => {
    for (const [query, field] of [
      ['search=%ff', 'search'],
      ['a=1&types=%ed%a0%80', 'types'],
      ['%fe=1', '\ufffd'],
    ])
      expect([query, await send('GET', `/tickets?${query}`)]).toMatchObject([
        query,
        { status: 422, body: { details: [{ field }] } },
      ]);
    expect(await send('DELETE', `/specs/${id}/requirements/%ff`, '{"version":1}')).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('UTF-8') },
    });
    failWith = { code: '22P02' };
    expect((await send('GET', '/projects?limit=1&cursor=100%')).body.message).not.toContain('UTF-8');
  });

  test('another character set is refused', async () => {
    const answer = await fetch(`${app.url}/api/v1/tickets`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_live_x', 'content-type': 'application/json; charset=utf-16' },
      body: new Uint8Array([0x7b, 0, 0x7d, 0]),
    });
    expect(answer.status).toBe(415);
  });
});

describe('values with bounds', () => {
  test('a number beyond every range is refused at any depth', async () => {
    for (const [text, field] of [
      ['{"settings":{"a":1e400}}', 'settings.a'],
      ['{"settings":{"a":[{"b":-1e999}]}}', 'settings.a.0.b'],
    ] as const)
      expect(await send('PATCH', `/organizations/${organization}`, text)).toMatchObject({
        status: 422,
        body: { details: [{ field }] },
      });
  });

  test('an amount of money below one cent is refused, with the smallest one', async () => {
    const small = [
      ['/tickets', 'budget_usd', { project_id: id, title: 'x', description: 'x' }],
      ['/specs/launch', 'budget_usd', { project_id: id, title: 'x', description: 'x' }],
      ['/costs/budgets', 'limit_amount', { scope_type: 'global' }],
    ] as const;
    for (const [path, field, body] of small)
      for (const amount of [1e-12, 1e-9, 0.009, 0, -1])
        expect([path, amount, await send('POST', path, JSON.stringify({ ...body, [field]: amount }))]).toMatchObject([
          path,
          amount,
          { status: 422, body: { details: [{ field, message: 'must be at least 0.01 dollars' }] } },
        ]);
    const settings = { settings: { limits: { max_usd: 1e-9 } } };
    expect(await send('PATCH', `/projects/${id}`, JSON.stringify(settings))).toMatchObject({
      status: 422,
      body: { details: [{ field: 'settings.limits.max_usd', message: 'must be at least 0.01 dollars' }] },
    });
  });

  test('a filter takes only the values that a record can have', async () => {
    for (const [query, field] of [
      ['/tickets?status=x', 'status'],
      ['/tickets?status=backlog,x', 'status'],
      ['/tickets?priority=x', 'priority'],
      ['/tickets?phase_id=x', 'phase_id'],
      ['/tasks?status=backlog', 'status'],
      ['/tasks?phase_id=x', 'phase_id'],
      ['/specs?status=backlog', 'status'],
      ['/runs?status=x', 'status'],
      ['/runs?kind=x', 'kind'],
    ] as const)
      expect([query, await send('GET', query)]).toMatchObject([
        query,
        {
          status: 422,
          body: { details: [{ field, message: expect.stringMatching(/^must be (one of|PHASE_ and) /) }] },
        },
      ]);
  });

  test('every call refuses a parameter that it does not have, and names those that it has', async () => {
    const { paths } = JSON.parse(readFileSync('server/openapi.json', 'utf8')) as {
      paths: Record<string, Record<string, { parameters?: { in: string; name: string }[] }>>;
    };
    const calls = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { parameters = [] }]) => ({
        method: method.toUpperCase(),
        path: samplePath(path.replace('/api/v1', '')),
        known: parameters.filter((part) => part.in === 'query' && part.name !== 'organization_id'),
      })),
    );
    expect(calls.length).toBeGreaterThan(100);
    for (const { method, path, known } of calls) {
      const body = method === 'GET' ? undefined : '{}';
      const names = known.map(({ name }) => name).join(', ');
      expect([method, path, await send(method, `${path}?organization_id=${organization}&projectId=1`, body)]).toEqual([
        method,
        path,
        {
          status: 422,
          body: {
            error: 'invalid_body',
            message: expect.stringContaining('projectId is not a parameter of this call') as unknown,
            details: [{ field: 'projectId', message: expect.stringContaining(names) as unknown }],
          },
        },
      ]);
    }
  });

  test('an error repeats only the beginning of a long value', async () => {
    const long = 'x'.repeat(100_000);
    for (const body of [{ type: long, description: 'long enough' }, { [long]: 1 }])
      expect(
        JSON.stringify((await send('POST', `/tasks/${id}/discoveries`, JSON.stringify(body))).body).length,
      ).toBeLessThan(10_000);
    expect(JSON.stringify((await send('GET', `/nowhere/${'x'.repeat(10_000)}`)).body).length).toBeLessThan(5000);
  });

  test('two criteria with one id are refused', async () => {
    const criteria = [
      { id: 'a', text: 'one' },
      { id: 'b', text: 'two' },
      { id: 'a', text: 'three' },
    ];
    for (const [path, more] of [
      ['/tickets', { project_id: id }],
      ['/tasks', { ticket_id: id }],
    ] as const)
      expect(
        await send('POST', path, JSON.stringify({ ...more, title: 'x', description: 'x', criteria })),
      ).toMatchObject({
        status: 422,
        body: { details: [{ field: 'criteria.2.id', message: 'a is used twice; give each criterion an own id' }] },
      });
  });

  test('a malformed id names nothing in a path, and is refused in a filter', async () => {
    for (const [method, path] of [
      ['DELETE', '/auth/api-keys/nope'],
      ['DELETE', `/runs/${id}/constraints/nope`],
      ['DELETE', `/tasks/${id}/dependencies/nope`],
      ['GET', `/tasks/${'x'.repeat(500)}`],
    ] as const)
      expect([path, (await send(method, path)).status]).toEqual([path, 404]);
    for (const query of ['spec_id', 'ticket_id', 'task_id', 'project_id'])
      for (const value of ['', 'nope', 'x'.repeat(300)])
        expect(await send('GET', `/runs?${query}=${value}`)).toMatchObject({
          status: 422,
          body: { details: [{ field: query, message: 'must be a UUID' }] },
        });
    expect((await send('GET', '/costs/records?run_id=1')).status).toBe(422);
    expect((await send('GET', '/monitor/interventions?run_id=1')).status).toBe(422);
    expect((await send('PUT', `/tasks/${id}/dependencies`, '{"depends_on":["1"]}')).status).toBe(422);
  });

  test('a number beyond its column is refused', async () => {
    for (const path of [
      `/runs/${id}/turns?after=2147483648`,
      `/runs/${id}/diff?turn=2147483648`,
      `/specs/${id}/versions?cursor=2147483648`,
      '/events?after=9007199254740993',
      `/runs/${id}/trajectory?cursor=1e300`,
    ])
      expect([path, (await send('GET', path)).status]).toEqual([path, 422]);
  });

  test('a value that only the database refuses gets 422, and any other error of the database 500', async () => {
    const wrapped = (originalCode: string) => ({
      code: 'P2010',
      meta: { driverAdapterError: { cause: { originalCode, kind: 'postgres' } } },
    });
    for (const value of ['22P02', '22003', '22021', '22P05', '22008', 'P2000', 'P2006', 'P2007', 'P2020', 'P2023']) {
      failWith = { code: value };
      expect([value, (await send('GET', '/projects')).status]).toEqual([value, 422]);
      failWith = wrapped(value);
      expect([value, (await send('GET', '/projects')).status]).toEqual([value, 422]);
    }
    for (const fault of ['22012', '42P01', 'P2022', 'P2025']) {
      failWith = { code: fault };
      expect([fault, (await send('GET', '/projects')).status]).toEqual([fault, 500]);
    }
  });

  test('a body that is not JSON in UTF-8 gets 415', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1'])
      expect([type, await send('POST', '/tickets', '{}', type)]).toMatchObject([
        type,
        { status: 415, body: { error: 'unsupported_media' } },
      ]);
    expect((await send('POST', '/tickets', '{}', 'application/json; charset=utf-8')).status).toBe(422);
  });
});

describe('a request for an upgrade', () => {
  const answerTo = (text: string) =>
    new Promise<string>((resolve, reject) => {
      let answer = '';
      const socket = connect(app.port, '127.0.0.1', () => socket.write(text));
      socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer to ${text}`)));
      socket.on('data', (data) => {
        answer += String(data);
        socket.end();
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(answer));
    });
  const upgrade = (path: string, protocol: string, method = 'GET', body = '') =>
    answerTo(
      `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\n` +
        `HTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );

  test('that is not for the live feed gets a plain answer', async () => {
    expect(await upgrade('/health', 'h2c')).toMatch(/^HTTP\/1\.1 200 [^]*"status":"ok"/);
    expect(await upgrade('/x', 'websocket')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await upgrade('//', 'websocket')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await upgrade('/api/v1/ws', 'h2c')).toMatch(/^HTTP\/1\.1 404 /);
    expect(await upgrade('/api/v1/auth/login', 'h2c', 'POST', '{"email":7}')).toMatch(/^HTTP\/1\.1 422 [^]*email/);
    // The server still accepts its own upgrade.
    const own =
      'GET /api/v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
    expect(await answerTo(own)).toMatch(/^HTTP\/1\.1 101 /);
  });
});

test('[API-04] the description names the statuses of each call', () => {
  const { paths } = JSON.parse(readFileSync('server/openapi.json', 'utf8')) as {
    paths: Record<string, Record<string, { security: object[]; responses: object }>>;
  };
  const missing = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { security, responses }]) =>
      ['422', '503', ...(security.length > 0 ? ['401'] : []), ...(method === 'get' ? [] : ['413', '415'])]
        .filter((status) => !(status in responses))
        .map((status) => `${method} ${path} ${status}`),
    ),
  );
  expect(missing).toEqual([]);
  expect(Object.keys(paths['/api/v1/auth/login']?.post?.responses ?? {})).toEqual(
    expect.arrayContaining(['401', '429']),
  );
});

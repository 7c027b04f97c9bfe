import { randomUUID } from 'node:crypto';
import { SpanKind, SpanStatusCode, context, trace as spans } from '@opentelemetry/api';
import type { RequestHandler } from 'express';
import type { Services } from '#activities/ports/services.ts';
import { measures } from '#activities/support/measures.ts';
import { trace, type Trace } from '#activities/support/trace.ts';

const tracer = spans.getTracer('omoios');
/** Asked all the time, by programs. */
const untraced = new Set(['/health', '/ready']);

/**
 * OBS-02, OBS-03, OBS-05: gives each request an id that every log line about it contains, begins its trace, measures it,
 * and sets security headers.
 */
export function requestContext(services: Services): RequestHandler {
  const production = services.config.env === 'production';
  return (req, res, next) => {
    const given = req.header('x-request-id');
    const id = given && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
    res.locals.request_id = id;
    res.setHeader('X-Request-ID', id);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.setHeader('X-Frame-Options', 'DENY');
    res.setHeader('Referrer-Policy', 'same-origin');
    if (production) res.setHeader('Strict-Transport-Security', 'max-age=31536000; includeSubDomains');
    const began = performance.now();
    const traced: Trace = { request_id: id };
    const span = untraced.has(req.path)
      ? undefined
      : tracer.startSpan(req.method, {
          kind: SpanKind.SERVER,
          attributes: { 'http.request.method': req.method, request_id: id },
        });
    res.on('close', () => {
      // A router shortens req.path while it works.
      const path = req.originalUrl.split('?')[0] ?? '';
      const { statusCode: status, locals } = res;
      const ms = performance.now() - began;
      const elsewhere = path === '/mcp' ? path : path.startsWith('/api/') ? 'unknown' : 'page';
      const route = String(locals.route ?? elsewhere);
      measures.requests().record(ms / 1000, { method: req.method, route, status });
      span?.updateName(`${req.method} ${route}`);
      span?.setAttributes({ 'http.route': route, 'http.response.status_code': status });
      if (status >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
      span?.end();
      if (path.startsWith('/api/') || path === '/mcp')
        services.log.debug({ ...traced, method: req.method, path, status, ms: Math.round(ms) }, 'request');
    });
    const within = span ? spans.setSpan(context.active(), span) : context.active();
    context.with(within, () => trace.run(traced, next));
  };
}

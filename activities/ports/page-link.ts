import type { Services } from './services.ts';

/** The address of a page or a call as the outside reaches it. @param page path and query, such as `/projects`. */
export function pageLink({ config: { server } }: Pick<Services, 'config'>, page: string): string {
  return `${server.public_url?.replace(/\/+$/, '') ?? `http://localhost:${server.port}`}${page}`;
}

/** The origin at which a browser sees the preview of a token. Undefined where the operator has to set one. */
export function previewOrigin(services: Pick<Services, 'config'>, token: string): string | undefined {
  const { hostname, host, protocol } = new URL(pageLink(services, '/'));
  const local = ['localhost', '127.0.0.1'].includes(hostname) ? host.replace(hostname, 'preview.localhost') : undefined;
  const origin = services.config.preview.origin ?? (local && `${protocol}//{token}.${local}`);
  return origin?.replace('{token}', token);
}

import type { Services } from './services.ts';

/** The address of a page or a call as the outside reaches it. @param page path and query, such as `/projects`. */
export function pageLink({ config: { server } }: Pick<Services, 'config'>, page: string): string {
  return `${server.public_url?.replace(/\/+$/, '') ?? `http://localhost:${server.port}`}${page}`;
}

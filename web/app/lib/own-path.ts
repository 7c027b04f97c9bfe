const thisSite = 'http://this-site.invalid';

/**
 * The wanted path if it is on this site, else the fallback: no redirect to another site. Browsers remove tabs and line
 * breaks and read a backslash as a slash, so the path is what the parser of URLs makes of it.
 */
export function pathOr(fallback: string, wanted: string | null): string {
  if (!wanted?.startsWith('/') || !URL.canParse(wanted, thisSite)) return fallback;
  const { origin, pathname, search, hash } = new URL(wanted, thisSite);
  return origin === thisSite && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : fallback;
}

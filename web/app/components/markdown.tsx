import type { ReactNode } from 'react';
import Markdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import type { Citation } from '#workflows/domain/agent/citations.ts';
import { foldDetails } from '../lib/fold-details.ts';
import { linkPlaces, placeOfLink } from '../lib/link-places.ts';

const external = ({ href, children }: { href?: string; children?: ReactNode }) =>
  /^https?:\/\//i.test(href ?? '') ? (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="underline decoration-line-strong underline-offset-2 hover:decoration-current"
    >
      {children}
    </a>
  ) : (
    <span>{children}</span>
  );

/** Text of models and repositories: no HTML but a fold, no remote images, http(s) links open in a new window. */
const components: Components = {
  a: external,
  img: ({ alt }) => <span className="text-muted">[image: {alt || 'no description'}]</span>,
  h1: ({ children }) => <h3 className="mt-4 mb-1.5 text-base font-semibold first:mt-0">{children}</h3>,
  h2: ({ children }) => <h3 className="mt-4 mb-1.5 text-sm font-semibold first:mt-0">{children}</h3>,
  h3: ({ children }) => <h4 className="mt-3 mb-1 text-sm font-semibold first:mt-0">{children}</h4>,
  p: ({ children }) => <p className="my-2 first:mt-0 last:mb-0">{children}</p>,
  ul: ({ children }) => <ul className="my-2 list-disc space-y-1 pl-5">{children}</ul>,
  ol: ({ children }) => <ol className="my-2 list-decimal space-y-1 pl-5">{children}</ol>,
  pre: ({ children }) => (
    <pre
      tabIndex={0}
      className="my-2 overflow-x-auto rounded-md border bg-subtle p-3 text-xs leading-5 [&>code]:bg-transparent [&>code]:p-0"
    >
      {children}
    </pre>
  ),
  code: ({ children }) => (
    <code className="rounded-sm bg-subtle px-1 py-0.5 text-[0.92em] break-words">{children}</code>
  ),
  blockquote: ({ children }) => (
    <blockquote className="my-2 border-l-2 border-line-strong pl-3 text-muted">{children}</blockquote>
  ),
  table: ({ children }) => (
    <div tabIndex={0} role="group" aria-label="Table" className="my-3 overflow-x-auto rounded-md border">
      <table className="w-full text-left text-xs">{children}</table>
    </div>
  ),
  th: ({ children }) => <th className="border-b bg-side px-2.5 py-1.5 font-medium text-muted">{children}</th>,
  td: ({ children }) => <td className="border-b px-2.5 py-1.5 align-top [tr:last-child>&]:border-b-0">{children}</td>,
  details: ({ children }) => <details className="my-2">{children}</details>,
  summary: ({ children }) => <summary className="cursor-pointer text-muted">{children}</summary>,
  input: ({ checked }) => (
    <span aria-label={checked ? 'done' : 'open'} role="img">
      {checked ? '✓ ' : '○ '}
    </span>
  ),
};

export function Prose({
  text,
  className = '',
  places = [],
  place,
}: {
  text: string;
  className?: string;
  /** Places in the code that the text names, and what is shown for each of them. */
  places?: readonly Citation[];
  place?: (name: string, words: ReactNode) => ReactNode;
}) {
  const plugins = [remarkGfm, foldDetails, ...(place ? [linkPlaces(places)] : [])];
  const link: Components['a'] = (props) => {
    const name = placeOfLink(props.href);
    return place && name !== undefined ? place(name, props.children) : external(props);
  };
  return (
    <div className={`min-w-0 text-sm leading-6 break-words ${className}`}>
      <Markdown remarkPlugins={plugins} components={place ? { ...components, a: link } : components}>
        {text}
      </Markdown>
    </div>
  );
}

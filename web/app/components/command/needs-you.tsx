import { Link } from '@remix-run/react';
import {
  ChevronRight,
  GitPullRequest,
  Hand,
  MessageCircleQuestion,
  TriangleAlert,
  type LucideIcon,
} from 'lucide-react';
import { Card } from '../card.tsx';

interface Waiting {
  kind: string;
  id: string;
  title: string;
  [more: string]: unknown;
}

const kinds: Record<string, { label: string; icon: LucideIcon; to: (id: string) => string }> = {
  gate: { label: 'Gate', icon: Hand, to: (id) => `/specs/${id}` },
  spec: { label: 'Spec', icon: TriangleAlert, to: (id) => `/specs/${id}` },
  run: { label: 'Run', icon: MessageCircleQuestion, to: (id) => `/runs/${id}` },
  ticket: { label: 'Ticket', icon: TriangleAlert, to: (id) => `/tickets/${id}` },
  pull_request: { label: 'Pull request', icon: GitPullRequest, to: (id) => `/pull-requests/${id}` },
};

/** Work that waits for a person. */
export function NeedsYou({ items }: { items: Waiting[] }) {
  if (items.length === 0) return null;
  return (
    <Card title="Needs you" flush aside={<span className="figures text-xs text-muted">{items.length}</span>}>
      <ul className="divide-y">
        {items.slice(0, 12).map((item) => {
          const kind = kinds[item.kind];
          if (!kind) return null;
          const Icon = kind.icon;
          return (
            <li key={`${item.kind}-${item.id}`}>
              <Link
                to={kind.to(item.id)}
                data-row
                className="flex min-h-11 items-center gap-3 px-4 py-2 -outline-offset-2 hover:bg-hover"
              >
                <Icon aria-hidden className="size-4 shrink-0 text-warn" />
                <span className="hidden w-24 shrink-0 text-xs text-muted sm:block">{kind.label}</span>
                <span className="min-w-0 flex-1">
                  <span className="block truncate font-medium">{item.title}</span>
                  {typeof item.reason === 'string' && (
                    <span className="block truncate text-xs text-muted">
                      {item.kind === 'gate' ? `${item.reason} waits for your approval` : item.reason}
                    </span>
                  )}
                </span>
                <ChevronRight aria-hidden className="size-4 shrink-0 text-muted" />
              </Link>
            </li>
          );
        })}
      </ul>
      {items.length > 12 && <p className="border-t px-4 py-2 text-xs text-muted">and {items.length - 12} more</p>}
    </Card>
  );
}

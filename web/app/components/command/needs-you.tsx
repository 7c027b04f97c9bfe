import { Link } from '@remix-run/react';
import { ChevronRight } from 'lucide-react';
import { Card } from '../card.tsx';
import { itemKinds, reasonOf, type InboxItem } from '../inbox/kinds.ts';
import { TextLink } from '../text-link.tsx';

const most = 12;

/** Work that waits for a person. */
export function NeedsYou({ items }: { items: InboxItem[] }) {
  if (items.length === 0) return null;
  return (
    <Card title="Needs you" flush aside={<span className="figures text-xs text-muted">{items.length}</span>}>
      <ul className="divide-y">
        {items.slice(0, most).map((item) => {
          const { label, icon: Icon } = itemKinds[item.kind];
          return (
            <li key={item.id}>
              <Link
                to={item.link}
                data-row
                className="flex min-h-11 items-center gap-3 px-4 py-2 -outline-offset-2 hover:bg-hover"
              >
                <Icon aria-hidden className="size-4 shrink-0 text-warn" />
                <span className="hidden w-24 shrink-0 text-xs text-muted sm:block">{label}</span>
                <span className="min-w-0 flex-1">
                  <span className="block truncate font-medium">{item.title}</span>
                  <span className="block truncate text-xs text-muted">{reasonOf(item)}</span>
                </span>
                <ChevronRight aria-hidden className="size-4 shrink-0 text-muted" />
              </Link>
            </li>
          );
        })}
      </ul>
      {items.length > most && (
        <p className="border-t px-4 py-2 text-xs text-muted">
          <TextLink to="/inbox">and {items.length - most} more</TextLink>
        </p>
      )}
    </Card>
  );
}

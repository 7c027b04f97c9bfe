import { Link, NavLink, useLocation } from '@remix-run/react';
import { Building2, Keyboard } from 'lucide-react';
import { plural } from '../../lib/format.ts';
import { IconButton } from '../button.tsx';
import { Tooltip } from '../tooltip.tsx';
import { Mark } from './mark.tsx';
import { sectionOf, sections, type Section } from './navigation.ts';

/** The sections: at the left of a window, at the bottom of a phone. */
export function Rail({ waiting, onHelp }: { waiting: number; onHelp: () => void }) {
  const current = sectionOf(useLocation().pathname);
  return (
    <nav
      aria-label="Sections"
      className="fixed inset-x-0 bottom-0 z-30 border-t bg-side pb-[env(safe-area-inset-bottom)] md:sticky md:inset-auto md:top-0 md:flex md:h-dvh md:w-14 md:flex-col md:items-center md:border-t-0 md:border-r"
    >
      <Link to="/command" aria-label="Start page" className="hidden h-12 items-center md:flex">
        <Mark className="size-7" />
      </Link>
      <div className="grid h-14 grid-cols-7 md:mt-1 md:flex md:h-auto md:flex-col md:gap-1">
        {sections.map((section) => (
          <SectionLink
            key={section.to}
            section={section}
            current={section === current}
            badge={section.to === '/inbox' ? waiting : 0}
          />
        ))}
      </div>
      <div className="mt-auto mb-2 hidden flex-col gap-1 md:flex">
        <Tooltip text="Organizations" side="right">
          <NavLink
            to="/organizations"
            className="flex size-10 items-center justify-center rounded-md text-muted -outline-offset-2 transition-colors hover:bg-hover hover:text-text aria-[current=page]:bg-subtle aria-[current=page]:text-text"
          >
            <Building2 aria-hidden className="size-5" />
            <span className="sr-only">Organizations</span>
          </NavLink>
        </Tooltip>
        <IconButton label="Keyboard shortcuts (?)" side="right" onClick={onHelp} className="size-10">
          <Keyboard aria-hidden className="size-5" />
        </IconButton>
      </div>
    </nav>
  );
}

function SectionLink({
  section: { to, label, short, icon: Icon, key },
  current,
  badge,
}: {
  section: Section;
  current: boolean;
  badge: number;
}) {
  return (
    <Tooltip text={`${label} (g ${key})`} side="right">
      <NavLink
        to={to}
        className={`relative flex flex-col items-center justify-center gap-0.5 rounded-md text-xs -outline-offset-2 transition-colors md:size-10 ${current ? 'font-medium text-text md:bg-subtle' : 'text-muted hover:text-text md:hover:bg-hover'}`}
      >
        <Icon aria-hidden className="size-5" />
        <span className="md:sr-only">{short ?? label}</span>
        {badge > 0 && (
          <span className="figures absolute top-1 left-[calc(50%+0.375rem)] rounded-full bg-ink px-1 text-2xs leading-4 font-medium text-on-ink md:top-0 md:left-auto md:-right-0.5">
            {badge > 99 ? '99+' : badge}
            <span className="sr-only"> {plural(badge, 'item')} waiting for you</span>
          </span>
        )}
      </NavLink>
    </Tooltip>
  );
}

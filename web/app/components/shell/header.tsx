import { Link, useNavigation } from '@remix-run/react';
import { PanelLeft, Search } from 'lucide-react';
import { ago, exactTime, money, percent } from '../../lib/format.ts';
import { useNow, useZone } from '../../lib/now.ts';
import { Dot } from '../badge.tsx';
import { buttonShape, IconButton } from '../button.tsx';
import { Key } from '../tooltip.tsx';
import { Account } from './account.tsx';
import { Breadcrumbs } from './breadcrumbs.tsx';
import { ConnectionStatus } from './connection-status.tsx';
import type { ShellData } from './shell.tsx';

export function Header({
  shell,
  onPanel,
  onSearch,
  onHelp,
}: {
  shell: ShellData;
  onPanel: () => void;
  onSearch: () => void;
  onHelp: () => void;
}) {
  const navigating = useNavigation().state === 'loading';
  return (
    <header className="sticky top-0 z-20 flex h-12 items-center justify-between gap-3 border-b bg-ground px-3 md:px-6">
      {navigating && <div aria-hidden className="absolute inset-x-0 -bottom-px h-0.5 animate-working bg-gold-deep" />}
      <div className="flex min-w-0 items-center gap-2">
        <IconButton label="Open the panel" side="bottom" onClick={onPanel} className="-ml-1.5 lg:hidden">
          <PanelLeft aria-hidden className="size-4" />
        </IconButton>
        <Breadcrumbs />
      </div>
      <div className="flex shrink-0 items-center gap-1 sm:gap-2">
        <Agents shell={shell} />
        <Money shell={shell} />
        <Guardian shell={shell} />
        <ConnectionStatus />
        <button
          type="button"
          title="Search and commands (Control or Command K)"
          onClick={onSearch}
          className={buttonShape('secondary', 'sm', 'text-muted max-md:border-transparent max-md:px-1.5')}
        >
          <Search aria-hidden className="size-4 md:size-3.5" />
          <span className="font-normal max-md:sr-only">
            Search<span className="sr-only"> and commands</span>
          </span>
          <span aria-hidden className="hidden xl:inline">
            <Key>Ctrl K</Key>
          </span>
        </button>
        <Account shell={shell} onHelp={onHelp} />
      </div>
    </header>
  );
}

const fact = 'hidden h-6 items-center gap-1.5 rounded-md px-1.5 text-xs text-muted';

function Agents({ shell: { runs, agents_limit: limit } }: { shell: ShellData }) {
  const { active, waiting } = runs;
  return (
    <Link
      to="/runs"
      title={`${active} of at most ${limit ?? 'any number of'} agents work${waiting > 0 ? `, ${waiting} wait` : ''}`}
      className={`${fact} hover:bg-hover sm:inline-flex`}
    >
      <Dot tone={active > 0 ? 'working' : 'neutral'} pulse={active > 0} />
      <span>
        <span className="figures">
          {active}
          {limit !== null && `/${limit}`}
        </span>{' '}
        agents
      </span>
    </Link>
  );
}

/** What the last hour cost, and how much of the organization's budget is spent. Nothing while nothing is known. */
function Money({ shell: { hour_micros: hour, budget } }: { shell: ShellData }) {
  const share = budget && budget.limit_amount > 0 ? budget.spent_amount / budget.limit_amount : null;
  if (!hour && share === null) return null;
  return (
    <span className={`${fact} gap-3 md:inline-flex`}>
      {hour ? (
        <span title="Cost of the model in the last hour, at list price" className="figures">
          {money(hour)}/h
        </span>
      ) : null}
      {share !== null && budget && (
        <span
          title={`${money(budget.spent_amount * 1e6)} of the organization's budget of ${money(budget.limit_amount * 1e6)} is spent`}
          className={share >= 1 ? 'text-bad' : share >= budget.alert_threshold ? 'text-warn' : ''}
        >
          <span className="figures">{percent(share)}</span> of budget
        </span>
      )}
    </span>
  );
}

/** When the guardian last looked at the agents. Nothing before its first look. */
function Guardian({ shell: { guardian } }: { shell: ShellData }) {
  const now = useNow();
  const zone = useZone();
  if (!guardian) return null;
  const { at, failed, cycles } = guardian;
  return (
    <span
      title={`The guardian last looked at the agents ${ago(at, now, zone)} (${exactTime(at, zone)}). ${failed} of its ${cycles} looks failed`}
      className={`${fact} xl:inline-flex`}
    >
      <Dot tone={failed > 0 ? 'warn' : 'good'} />
      Guardian
    </span>
  );
}

import { phaseIds } from '#workflows/domain/phases/names.ts';
import { compact, count, duration, money, percent } from '../../lib/format.ts';
import { statuses } from '../../lib/status.ts';
import { Badge, Dot, ScriptedBadge, StatusBadge, StatusIcon } from '../badge.tsx';
import { Card, Stat } from '../card.tsx';
import { Fold } from '../fold.tsx';
import { Id } from '../id.tsx';
import { Prose } from '../markdown.tsx';
import { MoreButton } from '../more-button.tsx';
import { PageTitle } from '../page-title.tsx';
import { PhaseBar } from '../phase-bar.tsx';
import { Progress } from '../progress.tsx';
import { RowTitle, Table, type Column } from '../table.tsx';
import { Ago, Clock, Elapsed, Exact } from '../time.tsx';
import { Chapter, Shown } from './shown.tsx';

interface Row {
  id: string;
  status: string;
}

const columns: Column<Row>[] = [
  { id: 'icon', head: 'State', cell: (row) => <StatusIcon status={row.status} /> },
  {
    id: 'title',
    head: 'Title',
    main: true,
    cell: (row) => <RowTitle title={`Row ${row.id}`} note="a word about it" />,
  },
  { id: 'turns', head: 'Turns', right: true, from: 'sm', cell: (row) => <span className="figures">{row.id}</span> },
  { id: 'status', head: 'Status', cell: (row) => <StatusBadge status={row.status} /> },
];
const rows: Row[] = Array.from({ length: 400 }, (_, index) => ({
  id: String(index + 1),
  status: statuses[index % statuses.length] ?? '',
}));

const tones = ['neutral', 'working', 'good', 'warn', 'bad', 'info'] as const;
const states = ['passed', 'passed', 'failed', 'running', 'gate', 'pending', 'pending'];

export function Data({ now }: { now: number }) {
  const before = (ms: number) => new Date(now - ms).toISOString();
  return (
    <Chapter title="Data">
      <Shown name="Every status: its icon, label and colour">
        {statuses.map((status) => (
          <StatusBadge key={status} status={status} />
        ))}
      </Shown>
      <Shown name="Badges and dots">
        {tones.map((tone) => (
          <span key={tone} className="inline-flex items-center gap-1.5">
            <Dot tone={tone} />
            <Badge tone={tone}>{tone}</Badge>
          </span>
        ))}
        <ScriptedBadge />
      </Shown>
      <PhaseBar
        live
        current={phaseIds[3] ?? ''}
        phases={phaseIds.map((phase, index) => ({
          phase,
          status: states[index] ?? 'pending',
          at_gate: states[index] === 'gate',
          score: index < 3 ? 1 - index / 4 : null,
          attempts: index < 4 ? [1] : [],
        }))}
      />
      <Shown name="Numbers and times: one formatter">
        <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
          <Stat name="Money">
            <span className="figures">{[12, 82_400, 12_400_000].map(money).join(' ')}</span>
          </Stat>
          <Stat name="Counts">
            <span className="figures">{`${compact(1_230_000)} ${count(1_234_567)} ${percent(0.87)}`}</span>
          </Stat>
          <Stat name="Durations">
            <span className="figures">{[640, 65_000, 3_840_000].map(duration).join(' ')}</span>
          </Stat>
          <Stat name="Id">
            <Id id="0f3c9a52-7be1-4a3e-9d0c-1d2e3f405162" name="Id of the run" />
          </Stat>
          <Stat name="Ago">
            <Ago at={before(7_200_000)} />
          </Stat>
          <Stat name="Elapsed">
            <Elapsed from={before(65_000)} />
          </Stat>
          <Stat name="Clock">
            <Clock at={before(0)} />
          </Stat>
          <Stat name="Exact">
            <Exact at={before(0)} />
          </Stat>
        </dl>
        <Progress share={0.4} label="Built" className="w-40" />
        <Progress quiet share={1} label="Planned" className="w-40" />
      </Shown>
      <PageTitle
        level={3}
        title="Title of a page"
        note="A note says what the page is for."
        facts={<StatusBadge status="running" />}
      >
        <Badge>What can be done stands here</Badge>
      </PageTitle>
      <Card title="Parts that fold">
        <Fold summary="Closed" summaryClass="text-sm font-medium">
          {() => <p className="text-sm">Drawn when it is opened.</p>}
        </Fold>
        <Fold open summary="Open" summaryClass="text-sm font-medium">
          {() => <p className="text-sm">Its content.</p>}
        </Fold>
      </Card>
      <Card title="Card" aside={<span className="text-xs text-muted">aside</span>}>
        <Prose
          text={
            'Markdown with `code`, **weight** and a [link](https://example.com).\n\n- one\n- two\n\n<details>\n<summary>2 more</summary>\n\n- three\n- four\n\n</details>'
          }
        />
      </Card>
      <Card title="A table of 400 rows draws those in view" flush>
        <Table label="Rows" columns={columns} rows={rows} to={(row) => `/design?row=${row.id}`} />
        <MoreButton list={{ more: () => Promise.resolve(), busy: false }} />
      </Card>
    </Chapter>
  );
}

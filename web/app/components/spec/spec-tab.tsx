import type { SpecPage } from '../../lib/spec-page.server.ts';
import { AttemptsTab } from './attempts-tab.tsx';
import { DesignTab } from './design-tab.tsx';
import { ExecutionTab } from './execution-tab.tsx';
import { OverviewTab } from './overview-tab.tsx';
import { RequirementsTab } from './requirements-tab.tsx';
import { TasksTab } from './tasks-tab.tsx';
import { TraceabilityTab } from './traceability-tab.tsx';

export function SpecTab({ page }: { page: SpecPage }) {
  const { content } = page;
  switch (content.tab) {
    case 'overview':
      return <OverviewTab explore={content.explore} prd={content.prd} chapters={content.chapters} />;
    case 'requirements':
      return <RequirementsTab requirements={content.requirements} page={page} />;
    case 'design':
      return <DesignTab design={content.design} page={page} />;
    case 'tasks':
      return <TasksTab page={page} plan={content.plan} tickets={content.tickets} />;
    case 'traceability':
      return <TraceabilityTab trace={content.trace} />;
    case 'execution':
      return <ExecutionTab page={page} events={content.events} />;
    case 'attempts':
      return <AttemptsTab page={page} versions={content.versions} />;
  }
}

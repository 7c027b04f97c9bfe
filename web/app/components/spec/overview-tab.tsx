import { Card } from '../card.tsx';
import { Prose } from '../markdown.tsx';
import type { Chapter, Content } from '../../lib/phase-outputs.server.ts';
import { PhaseContent, Priority, Remarks } from './content.tsx';

interface Overview {
  explore: Content<'explore'>;
  prd: Content<'prd'>;
  chapters: Chapter[];
}

export function OverviewTab({ explore, prd, chapters }: Overview) {
  return (
    <div className="space-y-4">
      <PhaseContent state={prd.state} name="product requirements">
        {prd.content && <Prd prd={prd.content} />}
      </PhaseContent>
      <PhaseContent state={explore.state} name="findings">
        {explore.content && <Findings explore={explore.content} />}
      </PhaseContent>
      {chapters.map(({ phase, title, state, text }) => (
        <PhaseContent key={phase} state={state} name={title}>
          <Card title={title}>
            <Prose text={text} />
          </Card>
        </PhaseContent>
      ))}
    </div>
  );
}

function Prd({ prd }: { prd: NonNullable<Content<'prd'>['content']> }) {
  const { overview, goals, scope, constraints } = prd;
  return (
    <Card title="Product requirements">
      <div className="max-w-[700px] space-y-4">
        {overview.one_liner && <p className="text-base font-medium">{overview.one_liner}</p>}
        <div className="space-y-2 text-sm leading-6">
          <Prose text={overview.problem_statement} />
          <Prose text={overview.solution_summary} />
        </div>
      </div>
      <div className="mt-4 grid gap-4 sm:grid-cols-2">
        <Remarks title="Goals" notes={goals.primary} />
        <Remarks title="Secondary goals" notes={goals.secondary} />
        <Remarks title="In scope" notes={scope.in_scope} />
        <Remarks title="Out of scope" notes={scope.out_of_scope} />
        <Remarks title="Assumptions" notes={prd.assumptions} />
        <Remarks title="Constraints" notes={[...constraints.technical, ...constraints.business]} />
        <Remarks title="Open questions" notes={prd.open_questions} />
      </div>
      {prd.user_stories.length > 0 && (
        <div className="mt-5">
          <h3 className="text-xs font-medium text-muted">User stories</h3>
          <ul className="mt-1 divide-y rounded-md border">
            {prd.user_stories.map((story) => (
              <li key={story.id} className="px-3 py-2">
                <p className="flex flex-wrap items-baseline gap-x-2 text-sm">
                  <span className="figures text-xs text-muted">{story.id}</span>
                  <span>
                    As {story.role} I want {story.want}
                    {story.benefit && `, so that ${story.benefit}`}
                  </span>
                  <Priority of={story.priority} />
                </p>
                <ul className="mt-1 space-y-0.5 text-xs text-muted">
                  {story.acceptance_criteria.map((criterion) => (
                    <li key={criterion.id}>{criterion.text}</li>
                  ))}
                </ul>
              </li>
            ))}
          </ul>
        </div>
      )}
      {prd.risks.length > 0 && (
        <div className="mt-5">
          <h3 className="text-xs font-medium text-muted">Risks</h3>
          <ul className="mt-1 space-y-1.5 text-sm">
            {prd.risks.map((risk, index) => (
              <li key={index}>
                {risk.description}{' '}
                <span className="text-xs text-muted">
                  impact {risk.impact || 'unsaid'}, likelihood {risk.likelihood || 'unsaid'}
                </span>
                {risk.mitigation && <span className="block text-xs text-muted">{risk.mitigation}</span>}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Card>
  );
}

function Findings({ explore }: { explore: NonNullable<Content<'explore'>['content']> }) {
  return (
    <Card title="The repository" aside={<span className="text-xs text-muted">{explore.project_type}</span>}>
      <Prose text={explore.codebase_summary} className="max-w-[700px]" />
      <div className="mt-4 grid gap-4 sm:grid-cols-2">
        <Remarks title="Built with" notes={explore.tech_stack} />
        <Remarks title="Conventions" notes={explore.conventions.patterns} />
        {typeof explore.related_to_feature !== 'string' && (
          <Remarks
            title="Affected by the feature"
            notes={explore.related_to_feature.map((item) => `${item.name} (${item.file}): ${item.relevance}`)}
          />
        )}
        <Remarks title="Risks found" notes={explore.feature_summary.risks_identified} />
      </div>
      {explore.key_files.length > 0 && (
        <div className="mt-4">
          <h3 className="text-xs font-medium text-muted">Key files</h3>
          <dl className="mt-1 grid gap-x-4 gap-y-1 text-sm sm:grid-cols-[minmax(0,max-content)_minmax(0,1fr)]">
            {explore.key_files.map((file) => (
              <div key={file.path} className="contents">
                <dt className="figures text-xs leading-5 break-all">{file.path}</dt>
                <dd className="text-muted">{file.purpose}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
      {explore.discovery_questions.length > 0 && (
        <details className="mt-4">
          <summary className="cursor-pointer text-xs font-medium text-muted hover:text-text">
            Questions about the code
          </summary>
          <div className="mt-2 grid gap-4 sm:grid-cols-2">
            {explore.discovery_questions.map((group) => (
              <Remarks key={group.category} title={group.category} notes={group.questions} />
            ))}
          </div>
        </details>
      )}
    </Card>
  );
}

import { Pencil } from 'lucide-react';
import type { ReactNode } from 'react';
import { putDesign } from '#server/contracts/gate-edits.ts';
import type { DesignOutput } from '#workflows/domain/phases/design.ts';
import { call } from '../../lib/browser-api.ts';
import { designChanges, designDraft, type DesignDraft, type DesignSection } from '../../lib/design-draft.ts';
import { useGateForm } from '../../lib/use-gate-form.ts';
import { useLacks } from '../../lib/viewer.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';
import { IconButton } from '../button.tsx';
import { Card } from '../card.tsx';
import { Prose } from '../markdown.tsx';
import type { Content } from '../../lib/phase-outputs.server.ts';
import { PhaseContent, Remarks } from './content.tsx';
import { DesignForm } from './design-form.tsx';

const asLines = (mapping: Record<string, unknown>) =>
  Object.entries(mapping).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
const code = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

const titles: Record<DesignSection, string> = {
  architecture: 'Architecture',
  components: 'Components',
  interface: 'Interface',
  data: 'Data',
  safety: 'Errors, tests, safety',
};

/** The design. Its sections can be edited while it waits at its gate. */
export function DesignTab({ design: { content, state }, page }: { design: Content<'design'>; page: SpecPage }) {
  return (
    <PhaseContent state={state} name="design">
      {content && <Design design={content} page={page} />}
    </PhaseContent>
  );
}

const readSection = (output: DesignOutput, section: string | undefined) =>
  designDraft(output, section as DesignSection);

function Design({ design, page: { spec, phases } }: { design: DesignOutput; page: SpecPage }) {
  const lacks = useLacks('document:write', spec.organization_id);
  const gate = useGateForm<DesignDraft, DesignOutput>(spec, 'design', readSection);
  const editable = !lacks && phases.some(({ phase, at_gate: atGate }) => phase === 'design' && atGate);
  const { form } = gate;
  const close = (section: DesignSection) => {
    gate.setForm(undefined);
    // The button that opened the form is drawn again in the next frame.
    setTimeout(() => document.getElementById(`edit-${section}`)?.focus());
  };
  const part = (section: DesignSection, isEmpty: boolean, shown: ReactNode, flush = false) => {
    const open = form?.id === section;
    if (isEmpty && !editable) return null;
    return (
      <Card
        title={titles[section]}
        flush={flush || open}
        aside={
          editable &&
          !open && (
            <IconButton
              id={`edit-${section}`}
              label={`Edit ${titles[section].toLowerCase()}`}
              disabled={form !== undefined}
              onClick={() => {
                const draft = designDraft(design, section);
                gate.setForm({ id: section, before: draft, draft, version: gate.version });
              }}
            >
              <Pencil aria-hidden className="size-4" />
            </IconButton>
          )
        }
      >
        {open ? (
          <DesignForm
            section={section}
            form={form}
            busy={gate.busy}
            onChange={(draft) => gate.setForm({ ...form, draft })}
            onClose={() => close(section)}
            onSave={() => {
              const changes = designChanges(form.before, section, form.draft);
              if (Object.keys(changes).length === 0) return close(section);
              void gate.save(form, (version) =>
                call(putDesign, { params: { id: spec.id }, body: { ...changes, version } }),
              );
            }}
          />
        ) : isEmpty ? (
          <p className="px-4 py-3 text-sm text-muted">Nothing yet.</p>
        ) : (
          shown
        )}
      </Card>
    );
  };
  const tests = design.testing_strategy;
  return (
    <>
      {part(
        'architecture',
        false,
        <>
          <Prose text={design.architecture_overview} className="max-w-[700px]" />
          {design.architecture_diagram && (
            <pre
              tabIndex={0}
              aria-label="Diagram as Mermaid source"
              className="mt-4 overflow-x-auto rounded-md border bg-subtle p-3 text-xs leading-5"
            >
              {design.architecture_diagram}
            </pre>
          )}
        </>,
      )}
      {part(
        'components',
        design.components.length === 0,
        <ul className="divide-y">
          {design.components.map((part) => (
            <li key={part.name} className="px-4 py-3">
              <p className="flex flex-wrap items-baseline gap-x-3">
                <span className="text-sm font-semibold">{part.name}</span>
                <span className="text-xs text-muted">{part.type}</span>
                <span className="figures text-xs break-all text-muted">{part.file_path}</span>
              </p>
              <p className="mt-0.5 text-sm">{part.responsibility || part.description}</p>
              {part.interfaces.length > 0 && (
                <ul className="mt-1.5 space-y-0.5">
                  {part.interfaces.map((one, index) => (
                    <li key={index} className="figures text-xs break-words text-soft">
                      {one.method}({one.inputs === undefined ? '' : code(one.inputs)})
                      {one.outputs === undefined ? '' : ` > ${code(one.outputs)}`}
                    </li>
                  ))}
                </ul>
              )}
              {part.dependencies.length > 0 && (
                <p className="mt-1 text-xs text-muted">needs {part.dependencies.join(', ')}</p>
              )}
            </li>
          ))}
        </ul>,
        true,
      )}
      {part(
        'interface',
        design.api_endpoints.length === 0,
        <ul className="divide-y">
          {design.api_endpoints.map((one) => (
            <li key={`${one.method} ${one.path}`} className="flex flex-wrap items-baseline gap-x-3 px-4 py-2 text-sm">
              <span className="figures w-14 text-xs font-medium">{one.method}</span>
              <span className="figures text-xs break-all">{one.path}</span>
              <span className="text-muted">{one.description}</span>
            </li>
          ))}
        </ul>,
        true,
      )}
      {part(
        'data',
        design.data_models.length === 0,
        <ul className="divide-y">
          {design.data_models.map((model) => (
            <li key={model.name} className="px-4 py-3">
              <p className="text-sm">
                <span className="font-semibold">{model.name}</span>{' '}
                <span className="text-muted">{model.description}</span>
              </p>
              <dl className="mt-1 grid gap-x-4 gap-y-0.5 text-xs sm:grid-cols-[minmax(0,max-content)_minmax(0,1fr)]">
                {Object.entries(model.fields).map(([name, type]) => (
                  <div key={name} className="contents">
                    <dt className="figures">{name}</dt>
                    <dd className="text-muted">{type}</dd>
                  </div>
                ))}
              </dl>
            </li>
          ))}
        </ul>,
        true,
      )}
      {part(
        'safety',
        false,
        <div className="grid gap-4 sm:grid-cols-2">
          <Remarks title="Errors" notes={asLines(design.error_handling)} />
          {typeof tests === 'string' ? (
            <Remarks title="Tests" notes={tests} />
          ) : (
            <Remarks title="Tests" notes={[...tests.unit_tests, ...tests.integration_tests]} />
          )}
          <Remarks title="Security" notes={design.security_considerations} />
          <Remarks title="Integration points" notes={design.integration_points} />
          <Remarks title="Migration" notes={asLines(design.migration_plan)} />
        </div>,
      )}
    </>
  );
}

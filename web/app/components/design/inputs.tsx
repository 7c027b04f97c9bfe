import { useState } from 'react';
import { Checkbox, Field, Segments, Select, Switch, TextArea, TextInput } from '../field.tsx';
import { FilterLinks } from '../filter-links.tsx';
import { Tabs } from '../tabs.tsx';
import { Chapter, Shown } from './shown.tsx';

export function Inputs() {
  const [view, setView] = useState<'unified' | 'split'>('unified');
  return (
    <Chapter title="Inputs">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Text" hint="A hint says what is expected.">
          <TextInput placeholder="Placeholder" />
        </Field>
        <Field label="With an error" error="Limit must be at least 0.01.">
          <TextInput aria-invalid defaultValue="0" />
        </Field>
        <Field label="Disabled">
          <TextInput disabled defaultValue="Cannot be changed" />
        </Field>
        <Field label="Read-only">
          <TextInput readOnly defaultValue="Can be copied" />
        </Field>
        <Field label="One of a list">
          <Select defaultValue="b">
            <option value="a">First</option>
            <option value="b">Second</option>
          </Select>
        </Field>
        <Field label="Long text">
          <TextArea rows={2} defaultValue="Two lines" />
        </Field>
      </div>
      <Shown name="Checkbox and switch">
        <Checkbox label="Off" />
        <Checkbox label="On" defaultChecked />
        <Checkbox label="Disabled" disabled />
        <Switch label="Off" />
        <Switch label="On" defaultChecked />
        <Switch label="Disabled" disabled />
      </Shown>
      <Shown name="Segments, filters in the address, tabs in the address">
        <Segments
          label="View"
          chosen={view}
          onChoose={setView}
          options={[
            { value: 'unified', label: 'Unified' },
            { value: 'split', label: 'Split' },
          ]}
        />
        <FilterLinks
          name="state"
          label="State"
          chosen=""
          options={[
            { value: '', label: 'All' },
            { value: 'open', label: 'Open', count: 1234 },
          ]}
        />
        <Tabs
          label="Parts"
          active="one"
          tabs={[
            { id: 'one', label: 'First' },
            { id: 'two', label: 'Second', count: 3 },
          ]}
        />
      </Shown>
    </Chapter>
  );
}

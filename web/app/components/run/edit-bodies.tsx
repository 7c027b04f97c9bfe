import { useState } from 'react';
import { replacement } from '../../lib/patch.ts';
import { text, type ToolCall } from '../../lib/tool-calls.ts';
import { Button } from '../button.tsx';
import { DiffLines } from '../diff/diff-lines.tsx';

export const EditBody = ({ call }: { call: ToolCall }) => (
  <DiffLines
    lines={replacement(text(call, 'old_text'), text(call, 'new_text'))}
    numbered={false}
    label={`Edit of ${text(call, 'path')}`}
  />
);

const shown = 40;

export function WriteBody({ call }: { call: ToolCall }) {
  const [all, setAll] = useState(false);
  const lines = replacement('', text(call, 'content'));
  return (
    <>
      <DiffLines
        lines={all ? lines : lines.slice(0, shown)}
        numbered={false}
        label={`Content of ${text(call, 'path')}`}
      />
      {!all && lines.length > shown && (
        <div className="border-t px-3 py-1.5">
          <Button size="sm" look="quiet" onClick={() => setAll(true)}>
            {lines.length - shown} more lines
          </Button>
        </div>
      )}
    </>
  );
}

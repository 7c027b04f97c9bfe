import { useState } from 'react';

const shown = 14;

/** Output of a command or text of a file: the end when it is long, all of it on request. */
export function Output({ text, dark = false }: { text: string; dark?: boolean }) {
  const [all, setAll] = useState(false);
  const lines = text.replace(/\n+$/, '').split('\n');
  if (text.trim() === '') return <p className="px-3 py-1.5 text-xs text-muted">no output</p>;
  const cut = !all && lines.length > shown + 4;
  return (
    <div className={dark ? 'bg-subtle' : ''}>
      {cut && (
        <button
          type="button"
          onClick={() => setAll(true)}
          className="block w-full border-b px-3 py-1 text-left text-xs text-muted hover:text-text"
        >
          {lines.length - shown} earlier lines, show all
        </button>
      )}
      <pre
        tabIndex={0}
        role="group"
        aria-label="Output"
        className="max-h-[28rem] overflow-auto px-3 py-2 text-xs leading-5"
      >
        {(cut ? lines.slice(-shown) : lines).join('\n')}
      </pre>
    </div>
  );
}

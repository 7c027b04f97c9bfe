import type { PatchLine } from '../../lib/patch.ts';

const looks = {
  insert: { row: 'bg-good-soft', sign: '+', mark: 'text-good', word: 'added' },
  delete: { row: 'bg-bad-soft', sign: '−', mark: 'text-bad', word: 'removed' },
  normal: { row: '', sign: ' ', mark: 'text-muted', word: '' },
} as const;

/** Lines of a change, with their numbers where they are known; long ones scroll inside the box. */
export function DiffLines({ lines, numbered = true, label }: { lines: PatchLine[]; numbered?: boolean; label: string }) {
  return (
    <div tabIndex={0} role="region" aria-label={label} className="overflow-x-auto font-mono text-xs leading-5">
      <table className="min-w-full border-collapse">
        <tbody>
          {lines.map((line, index) => {
            const look = looks[line.type];
            return (
              <tr key={index} className={look.row}>
                {numbered && <td className="w-10 min-w-10 px-1.5 text-right align-top text-muted select-none">{line.old ?? ''}</td>}
                {numbered && <td className="w-10 min-w-10 border-r px-1.5 text-right align-top text-muted select-none">{line.now ?? ''}</td>}
                <td className={`w-5 px-1 text-center align-top select-none ${look.mark}`} aria-label={look.word || undefined}>{look.sign}</td>
                <td className="pr-3 whitespace-pre">{line.text || ' '}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

import { Paperclip, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { asAttachment, attachmentProblem, type Attachment } from '../../lib/attachments.ts';
import { Button, IconButton } from '../button.tsx';

/** Files of text that go with the words of a launch. */
export function useAttachments() {
  const [files, setFiles] = useState<Attachment[]>([]);
  const [problem, setProblem] = useState<string>();
  const add = async (chosen: readonly File[]) => {
    setProblem(undefined);
    for (const file of chosen) {
      const read = { name: file.name, text: await file.text() };
      const refused = attachmentProblem(read);
      if (refused) setProblem(refused);
      else setFiles((known) => [...known.filter(({ name }) => name !== read.name), read]);
    }
  };
  return {
    files,
    problem,
    add,
    remove: (name: string) => setFiles((known) => known.filter((one) => one.name !== name)),
  };
}

type Files = ReturnType<typeof useAttachments>;

export function AttachButton({ files, because }: { files: Files; because?: string }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files of text"
        onChange={(event) => {
          void files.add([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      <Button className="!h-8 text-xs" because={because} onClick={() => input.current?.click()}>
        <Paperclip aria-hidden className="size-3.5" /> Attach
      </Button>
    </>
  );
}

/** The chosen files. Their text is part of the description that is launched. */
export function Attachments({ files: { files, problem, remove } }: { files: Files }) {
  return (
    <>
      {files.length > 0 && (
        <ul aria-label="Attached files" className="flex flex-wrap gap-2">
          {files.map((file) => (
            <li key={file.name} className="flex items-center gap-1 rounded-md border bg-subtle pl-2">
              <input type="hidden" name="attached" value={asAttachment(file)} />
              <span className="figures max-w-56 truncate">{file.name}</span>
              <IconButton label={`Remove ${file.name}`} onClick={() => remove(file.name)}>
                <X aria-hidden className="size-3.5" />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      {problem && (
        <p role="alert" className="text-bad">
          {problem}
        </p>
      )}
    </>
  );
}

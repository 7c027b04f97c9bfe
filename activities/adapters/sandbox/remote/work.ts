import { openAsBlob, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { SandboxSpec } from '../../../ports/sandbox.ts';
import { checkedCommit, checkedRef, parsed } from '../local/checkpoints.ts';
import { halfRead, problemOf, type Answer, type CallOptions, type Calls } from './calls.ts';
import type { Packs } from './packs.ts';

type Work = { sha: string; tree: string };

const missingCommit = 82;
const timeoutMs = 300_000;

/**
 * Commits between a sandbox on another machine and the project's mirror on this one. They travel as packs: the sandbox has
 * the whole history of its base, so another machine's mirror gets what it lacks too.
 */
export function createWork(
  { call, asked, upload }: Calls,
  download: (id: string, file: string) => Promise<NodeJS.ReadableStream>,
  packs: Packs,
) {
  async function answered(id: string, words: string[], what: string, options: CallOptions = {}): Promise<Answer> {
    const answer = await call(id, words, { timeoutMs, ...options });
    if (answer.exitCode !== 0 && answer.exitCode !== missingCommit) throw problemOf(answer, what);
    return answer;
  }

  /** Uploads a pack of this machine and deletes it here. */
  async function send(id: string, file: string): Promise<string> {
    try {
      return await upload(id, await openAsBlob(file));
    } finally {
      await rm(path.dirname(file), { recursive: true, force: true });
    }
  }

  /** Gives the sandbox a commit of the mirror that it lacks. */
  async function provide(id: string, spec: SandboxSpec, sha: string): Promise<void> {
    if ((await call(id, ['has', checkedCommit(sha)])).exitCode === 0) return;
    const pack = await packs.missing(spec.project_id, sha, [spec.base_sha]);
    await answered(id, ['take', sha, await send(id, pack)], 'Git');
  }

  /** Brings an object of the sandbox into the mirror, with what it leads to. */
  async function bring(
    id: string,
    spec: SandboxSpec,
    wanted: { sha: string; tree?: string; parent?: string; ref?: string },
  ): Promise<void> {
    const { project_id: project, base_sha: base } = spec;
    const { sha, parent } = wanted;
    const has = await packs.known(project, [sha, base, ...(parent ? [parent] : [])]);
    const incoming = { ...wanted, base };
    if (has.includes(sha)) return wanted.ref ? packs.take(project, incoming) : undefined;
    const answer = await asked(id, ['pack', sha, ...has], { timeoutMs });
    if (answer.exitCode !== 0) throw problemOf(answer, 'Git');
    const folder = await packs.folder();
    try {
      const file = path.join(folder, 'in.pack');
      await pipeline(
        answer.file ? await download(id, answer.file) : [answer.stdout],
        createWriteStream(file, { mode: 0o600 }),
      );
      const { size } = await stat(file);
      if (size !== answer.size) throw halfRead(answer.size, size);
      await packs.take(project, { ...incoming, file });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  return {
    provide,

    /** Uploads what the sandbox begins with. @returns the pack's path there. */
    async begin(id: string, { project_id, base_sha, restore_sha }: SandboxSpec) {
      const { file, ...rest } = await packs.outgoing(project_id, id, base_sha, restore_sha ?? base_sha);
      return { ...rest, pack: await send(id, file) };
    },

    async treeHash(id: string, spec: SandboxSpec): Promise<string> {
      const tree = (await answered(id, ['tree'], 'Git')).stdout.toString().trim();
      await bring(id, spec, { sha: checkedCommit(tree) });
      return tree;
    },

    async checkpoint(
      id: string,
      spec: SandboxSpec,
      wanted: { parent: string; ref: string; message: string },
    ): Promise<Work> {
      const { parent, ref, message } = wanted;
      const words = ['checkpoint', checkedCommit(parent), checkedRef(ref), message];
      let answer = await answered(id, words, 'Git');
      if (answer.exitCode === missingCommit) {
        await provide(id, spec, parent);
        answer = await answered(id, words, 'Git');
      }
      return kept(id, spec, answer, { parent, ref });
    },

    async exportWork(id: string, spec: SandboxSpec, { ref, message }: { ref: string; message: string }): Promise<Work> {
      const words = ['export', spec.base_sha, checkedRef(ref), message, spec.access];
      return kept(id, spec, await answered(id, words, 'Git'), { ref });
    },
  };

  async function kept(
    id: string,
    spec: SandboxSpec,
    answer: Answer,
    where: { parent?: string; ref: string },
  ): Promise<Work> {
    const work = parsed(answer.stdout.toString().trim());
    checkedCommit(work.sha);
    checkedCommit(work.tree);
    await bring(id, spec, { ...work, ...where });
    return work;
  }
}

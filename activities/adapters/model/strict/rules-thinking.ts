import type { FoundModel } from '#workflows/domain/agent/models.ts';
import { blocksOf, type Block, type Body } from './request.ts';
import type { Account, Rule } from './refusal.ts';
import { prefixHash, readSignature, shownHash, type Signed } from './signature.ts';

interface Thought {
  message: number;
  block: number;
  /** The blocks before it in its message. */
  before: readonly Block[];
  signature: string;
  text: string;
  signed: Signed | undefined;
}

/** The thinking blocks of a request, oldest first. */
export function thoughtsOf({ messages }: Body): Thought[] {
  return messages.flatMap((message, at) => {
    const blocks = blocksOf(message);
    return blocks.flatMap((block, n) => {
      if (block.type !== 'thinking' && block.type !== 'redacted_thinking') return [];
      const [signature, text] = block.type === 'thinking' ? [block.signature, block.thinking] : [block.data, ''];
      const before = blocks.slice(0, n);
      return [{ message: at, block: n, before, signature, text, signed: readSignature(signature) }];
    });
  });
}

/** Models whose blocks another account cannot read. */
const boundToAccount = ['claude-sonnet-5-5', 'claude-haiku-5-5'];

/** The other models whose blocks a model reads; it drops those of all others. */
const reads: Readonly<Record<string, RegExp>> = {
  'claude-sonnet-5-5': /^claude-(?:sonnet-(?:5|4-\d.*)|(?:opus|haiku)-4-.*)$/,
  'claude-opus-5-5': /^claude-(?:opus-5|sonnet-5|(?:opus|sonnet|haiku)-4-.*)$/,
  'claude-fable-5-1': /^claude-opus-5-5$/,
};

/** A model drops the blocks that it cannot read. That is never an error, and they cost nothing. */
export function isDropped({ signed }: Thought, model: FoundModel, account: Account): boolean {
  if (!signed) return false;
  const isForeign = boundToAccount.includes(signed.model) && signed.account !== account.id;
  return isForeign || (signed.model !== model.id && !reads[model.id]?.test(signed.model));
}

const enforced = '2026-08-31';
const isEnforced = ({ id }: FoundModel, { created }: Account, { thinking }: Body) =>
  created >= enforced || id === 'claude-fable-5-2' || (thinking?.type === 'adaptive' && thinking.block_binding);

/** The place of the first block behind a changed prefix, and what changed. */
export function boundElsewhere(body: Body, model: FoundModel, account: Account): Thought | undefined {
  if (!model.binds_thinking || !isEnforced(model, account, body)) return undefined;
  const read = thoughtsOf(body).filter((thought) => !isDropped(thought, model, account));
  return read.find(({ message, before, signed }, at) => {
    if (!signed) return false;
    const earlier = read[at - 1];
    return (earlier && signed.previous !== earlier.signature) || signed.prefix !== prefixHash(body, message, before);
  });
}

const dropsBlocks = ({ thinking }: Body) =>
  thinking?.type === 'adaptive' && thinking.block_binding?.prefix_mismatch_behavior === 'drop_block';

const place = ({ message, block }: Thought) =>
  `messages.${message}.content.${block}: Invalid \`signature\` in \`thinking\` block`;

/** Refusals of thinking that comes back otherwise than it was sent. */
export const thinkingRules: Rule[] = [
  {
    name: 'altered signature',
    check: ({ body }) => {
      const bad = thoughtsOf(body).find(({ signed }) => !signed);
      return bad && place(bad);
    },
  },
  {
    name: 'thinking of the latest answer',
    check: ({ body }) => {
      const latest = body.messages.findLastIndex(({ role }) => role === 'assistant');
      const next = body.messages[latest + 1];
      if (!next || !blocksOf(next).some(({ type }) => type === 'tool_result')) return undefined;
      const run = thoughtsOf(body).filter(({ message }) => message === latest);
      const isWhole = run.every(
        ({ signed, text }, at) =>
          signed?.at === at &&
          signed.of === run.length &&
          // Text in a block whose text was omitted is ignored.
          (signed.shown === '' || signed.shown === shownHash(text)),
      );
      return isWhole
        ? undefined
        : `messages.${latest}: \`thinking\` or \`redacted_thinking\` blocks in the latest assistant message cannot be modified.`;
    },
  },
  {
    name: 'thinking bound to its prefix',
    check: ({ body }, model, account) => {
      if (dropsBlocks(body)) return undefined;
      const bound = boundElsewhere(body, model, account);
      return (
        bound &&
        `${place(bound)}. The block is bound to a different conversation. Send the conversation as it was, or remove the block and all thinking after it.`
      );
    },
  },
];

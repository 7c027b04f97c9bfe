/** The parts of a request that the rehearsal reads. The wire's rules have checked all of it before. */
export interface Block {
  type: string;
  [field: string]: unknown;
}

export interface Message {
  role: 'user' | 'assistant' | 'system';
  content: string | readonly Block[];
}

export interface MessagesRequest {
  messages: readonly Message[];
  tools?: readonly { name: string }[];
  metadata?: { user_id?: string | null };
}

/** The content of a message as blocks; plain text becomes one text block. */
export function blocksOf({ content }: Message): readonly Block[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

/** The texts of a message, or of a tool result; pictures and the like are left out. */
export function textsOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap((one) => (one.type === 'text' && typeof one.text === 'string' ? [one.text] : []));
}

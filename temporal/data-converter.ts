import path from 'node:path';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { changeTexts } from '#workflows/domain/text.ts';

/** The data converter for reading histories. The workflow bundle contains the same payload converter. */
export const dataConverter: DataConverter = {
  payloadConverterPath: path.join(import.meta.dirname, 'payloads.cjs'),
};

const utf8 = new TextEncoder();

function redacted(payload: Payload, redact: (text: string) => string): Payload {
  const { data, metadata } = payload;
  if (!data || String(metadata?.encoding && Buffer.from(metadata.encoding)) !== 'json/plain') return payload;
  const text = Buffer.from(data).toString('utf8');
  if (redact(text) === text) return payload;
  return { ...payload, data: utf8.encode(JSON.stringify(changeTexts(JSON.parse(text) as unknown, redact))) };
}

/** The data converter of client and worker: no known secret enters a history, whichever step sends it. */
export function redactingConverter(redact: (text: string) => string): DataConverter {
  const codec: PayloadCodec = {
    encode: (payloads) => Promise.resolve(payloads.map((payload) => redacted(payload, redact))),
    decode: (payloads) => Promise.resolve(payloads),
  };
  return { ...dataConverter, payloadCodecs: [codec] };
}

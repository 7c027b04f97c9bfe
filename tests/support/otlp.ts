import protobuf from 'protobufjs';
import type { Received } from './receiver.ts';

/** The part of OpenTelemetry's published description of traces that tests read. */
const description = `
syntax = "proto3";
message Traces { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { repeated ScopeSpans scope_spans = 2; }
message ScopeSpans { repeated Span spans = 2; }
message Span {
  bytes trace_id = 1;
  bytes span_id = 2;
  bytes parent_span_id = 4;
  string name = 5;
  repeated KeyValue attributes = 9;
}
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
`;
const traces = protobuf.parse(description, { keepCase: true }).root.lookupType('Traces');

export interface ReceivedSpan {
  trace: string;
  id: string;
  /** Empty: it begins the trace. */
  parent: string;
  name: string;
  attributes: Record<string, unknown>;
}

interface Decoded {
  resource_spans: { scope_spans: { spans: DecodedSpan[] }[] }[];
}
interface DecodedSpan {
  trace_id: Uint8Array;
  span_id: Uint8Array;
  parent_span_id: Uint8Array;
  name: string;
  attributes: { key: string; value: Record<string, unknown> }[];
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** The spans that a collector got. */
export const spansOf = (received: Received[]): ReceivedSpan[] =>
  received
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ body }) => (traces.decode(body) as unknown as Decoded).resource_spans)
    .flatMap(({ scope_spans: scopes }) => scopes)
    .flatMap(({ spans }) => spans)
    .map((span) => ({
      trace: hex(span.trace_id),
      id: hex(span.span_id),
      parent: hex(span.parent_span_id),
      name: span.name,
      attributes: Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
    }));

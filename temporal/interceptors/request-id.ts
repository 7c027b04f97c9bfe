import { defaultPayloadConverter, type Headers } from '@temporalio/common';

/** The header that carries the id of a request from the REST interface through workflows into activities. */
export const requestIdHeader = 'omoios-request-id';

/** The headers with the id of a request added; unchanged without an id. */
export const withRequestId = (headers: Headers, id: string | undefined): Headers =>
  id === undefined ? headers : { ...headers, [requestIdHeader]: defaultPayloadConverter.toPayload(id) };

/** The id of the request in the headers, or undefined. */
export function requestIdOf(headers: Headers): string | undefined {
  const payload = headers[requestIdHeader];
  return payload && defaultPayloadConverter.fromPayload<string>(payload);
}

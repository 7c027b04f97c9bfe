import { defaultPayloadConverter, type Headers } from '@temporalio/common';

/** The header that carries a request's id from the interface through workflows into activities. */
export const requestIdHeader = 'omoios-request-id';

export const withRequestId = (headers: Headers, id: string | undefined): Headers =>
  id === undefined ? headers : { ...headers, [requestIdHeader]: defaultPayloadConverter.toPayload(id) };

export function requestIdOf(headers: Headers): string | undefined {
  const payload = headers[requestIdHeader];
  return payload && defaultPayloadConverter.fromPayload<string>(payload);
}

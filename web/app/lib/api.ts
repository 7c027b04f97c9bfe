/** The pages' name for the one typed client of the REST interface. */
export { ApiError, addressOf, request, type Answer, type Connection, type Input } from '#server/contracts/client.ts';

import type { Config } from './config.ts';
import { embeddedDatabaseUrl } from './embedded.ts';

// Apart from the services themselves: the supervisor asks for these before anything is built.
export const databaseUrl = (config: Config) => config.database.url ?? embeddedDatabaseUrl(config.data_dir);
export const temporalAddress = (config: Config) => config.temporal.address ?? `127.0.0.1:${config.temporal.port}`;
export const publicUrl = (config: Config) => config.server.public_url ?? `http://localhost:${config.server.port}`;

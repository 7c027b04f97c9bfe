import '@remix-run/node';

declare module '@remix-run/node' {
  /** Loaders' answers arrive as they are. */
  interface Future {
    v3_singleFetch: true;
  }
}

declare module '@remix-run/server-runtime' {
  /** What the server gives every page beside the request; see server/web.ts. */
  interface AppLoadContext {
    apiUrl: string;
    accessToken?: string;
    requestId: string;
    /** The model in use; `rehearsal` plays a script. */
    modelProvider: string;
  }
}

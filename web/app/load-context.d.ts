import '@remix-run/node';

declare module '@remix-run/node' {
  /** Results of loaders keep their types. */
  interface Future {
    v3_singleFetch: true;
  }
}

declare module '@remix-run/server-runtime' {
  /** Values that the server passes to every loader; see server/web.ts. */
  interface AppLoadContext {
    apiUrl: string;
    accessToken?: string;
    requestId: string;
    /** The address of the browser. */
    clientAddress?: string;
    /** What the browser says that it is: sign-ins are listed by it. */
    userAgent?: string;
    /** The model provider; `rehearsal` is scripted. */
    modelProvider: string;
    /** The models that a launch may name: the usual one first. */
    offeredModels: string[];
    /** What judges the output of phases, or what is recommended for it, with its price. */
    judgeNote: string;
    /** Dollars that the limit of a run grows by at night, as the setting says; 0: it waits. */
    nightRaiseUsd: number;
    /** The origins of previews, as a content policy names them; undefined where there are none. */
    previewFrames?: string;
  }
}

/** True in builds that carry the in-memory Backstay (plain browser, tests). Set by vite.config.ts. */
declare const __FAKE__: boolean;

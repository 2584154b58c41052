/** The path of another server that Overwatch is under, as its document has it; empty for none. Drawn without a document: none. */
export const basePath: string =
  (globalThis.document as Document | undefined)?.querySelector<HTMLMetaElement>(
    'meta[name="esper-base-path"]',
  )?.content ?? '';

/** An address of the server's own, as the browser must ask for it. */
export const addressOf = (path: string): string => `${basePath}${path}`;

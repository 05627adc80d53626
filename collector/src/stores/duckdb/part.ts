/** A part of the store, within the worker. */
export interface StorePart {
  /** what it answers; see Handlers in messages.ts */
  readonly handlers: object;
  /** Stores what it still has. The file is closed afterwards, when all parts are. */
  close(): Promise<void>;
}

/** An error of the core or of its arguments; `code` is stable and what the API hands on. */
export class NativeError extends Error {
  override readonly name = 'NativeError';

  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The addon's errors carry their code as a property; anything else is passed on as it is. */
export function toNativeError(error: unknown): unknown {
  if (error instanceof NativeError || typeof error !== 'object' || error === null) return error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code !== 'string' || typeof message !== 'string') return error;
  return new NativeError(code, message, { cause: error });
}

/** Calls into the addon and translates what it throws or rejects with. */
export async function callNative<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    throw toNativeError(error);
  }
}

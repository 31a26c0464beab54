import { AnnexError } from '../../domain/errors.js';

/** An answer other than what was asked for: a status, a sentence for its body, and further headers. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown where a request is read; becomes the answer. */
export class HttpRefusal extends Error {
  readonly refusal: Refusal;

  /** @param cause what whoever runs the server is to know */
  constructor(status: number, text = '', headers?: Readonly<Record<string, string>>, cause?: unknown) {
    super(text, { cause });
    this.name = 'HttpRefusal';
    this.refusal = { status, text, ...(headers === undefined ? {} : { headers }) };
  }
}

/** What goes wrong with a repository behind this one: nobody is to take it for one that has no contents, or lost them. */
export function asOutOfReach(error: unknown): unknown {
  if (!(error instanceof AnnexError)) return error;
  const status = error.code === 'read-only' ? 403 : 503;
  return new HttpRefusal(status, error.message, undefined, error);
}

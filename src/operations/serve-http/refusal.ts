/** An answer other than what was asked for: a status, a sentence for its body, and further headers. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown where a request is read; becomes the answer. */
export class HttpRefusal extends Error {
  readonly refusal: Refusal;

  constructor(status: number, text = '', headers?: Readonly<Record<string, string>>) {
    super(text);
    this.name = 'HttpRefusal';
    this.refusal = { status, text, ...(headers === undefined ? {} : { headers }) };
  }
}

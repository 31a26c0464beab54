import { AnnexError, type ErrorCode } from '../../domain/errors.js';

const SENTENCES: { readonly [code: string]: string } = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the connection timed out',
  CONNECT_TIMEOUT: 'the connection timed out',
  PROXY_REFUSED: 'the proxy does not let it through',
  STALLED: 'no answer for too long',
  HPE_HEADER_OVERFLOW: 'the headers of the answer are too long',
  EPROTO: 'this is no https server',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate comes from an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an authority that is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from an authority that is not known here',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
};

const TLS = /CERT|SELF_SIGNED|ISSUER|LEAF_SIGNATURE/;

/**
 * What went wrong on a connection, as one sentence: `cut` is said of an answer that had begun. Errors of ours and an abort
 * pass through.
 */
export function failureOf(error: unknown, host: string, port: number, when?: 'cut'): AnnexError {
  if (error instanceof AnnexError) return error;
  const { code = '', name, message, cause } = error as NodeJS.ErrnoException;
  if (cause instanceof AnnexError) return cause;
  if (name === 'AbortError') return new AnnexError('interrupted', 'interrupted', { cause: error });
  const first = firstOf(error);
  if (first !== undefined) return failureOf(first, host, port, when);
  const status = code === 'PROXY_REFUSED' ? ` (${plain(message)})` : '';
  const said =
    SENTENCES[code] !== undefined
      ? `${SENTENCES[code]}${status}`
      : code.startsWith('HPE_')
        ? 'the answer is not http'
        : plain(message);
  const hint = TLS.test(code)
    ? 'A certificate of your own can be named with git config http.sslCAInfo FILE.'
    : undefined;
  return new AnnexError(
    when === 'cut' ? 'connection-lost' : 'remote-unavailable',
    `${host}:${port}: ${said}`,
    {
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    },
  );
}

/** Whether a server was given up that did not begin to answer. */
export function isSilence(error: unknown): error is AnnexError {
  if (!(error instanceof AnnexError) || error.code !== 'remote-unavailable') return false;
  return (error.cause as NodeJS.ErrnoException | undefined)?.code === 'STALLED';
}

/** Several addresses were tried: the first one's reason stands for all. */
function firstOf(error: unknown): unknown {
  return error instanceof AggregateError ? error.errors[0] : undefined;
}

function plain(message: string | undefined): string {
  return (message ?? 'it cannot be reached').replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200);
}

/** For who serves others: that the connection to the server was lost must not be taken for the client's. */
export async function notTheClients<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw asUnreachable(error);
  }
}

/** The same error, with `remote-unavailable` in place of `connection-lost`. */
export function asUnreachable(error: unknown): unknown {
  if (!(error instanceof AnnexError) || error.code !== 'connection-lost') return error;
  return new AnnexError('remote-unavailable', error.message, { cause: error });
}

/** What an answer's status means that is none of those expected. */
export function httpRefusal(host: string, status: number, said = ''): AnnexError {
  const { code, text } = refusals[status] ?? {
    code: status >= 500 || status === 429 ? 'remote-unavailable' : 'protocol',
    text: `answered ${status}`,
  };
  return new AnnexError(code, `${host} ${text}${said === '' ? '' : `: ${said}`}`);
}

const refusals: { readonly [status: number]: { readonly code: ErrorCode; readonly text: string } } = {
  401: { code: 'permission', text: 'does not take this user name and password (401)' },
  403: { code: 'permission', text: 'does not allow this (403)' },
  404: { code: 'remote-unavailable', text: 'has nothing there (404)' },
};

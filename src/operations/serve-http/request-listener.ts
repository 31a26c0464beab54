import type { IncomingMessage, ServerResponse } from 'node:http';
import { formatLogLine } from './access-log.js';
import { answerRequest, type Served } from './answer-request.js';
import { answerRefusal, createExchange, type Exchange } from './exchange.js';
import { HttpRefusal } from './refusal.js';

export type RequestListener = (
  request: IncomingMessage,
  response: ServerResponse,
  waitsToSend: boolean,
) => void;

/** Answers requests, whatever goes wrong with one, and logs each when its answer has ended. */
export function createRequestListener(served: Served, log: (line: string) => void): RequestListener {
  return (request, response, waitsToSend) => {
    // Clients send several requests at once only to servers that are known to cope.
    response.setHeader('Server', 'git-annex-ts');
    const exchange = createExchange(request, response, waitsToSend);
    logAtEnd(exchange, log);
    answerRequest(exchange, served).catch((error: unknown) => {
      if (exchange.gone.aborted) return;
      if (response.headersSent) {
        served.onError(error);
        response.destroy();
      } else if (error instanceof HttpRefusal) {
        if (error.cause !== undefined) served.onError(error.cause);
        answerRefusal(exchange, error.refusal);
      } else {
        served.onError(error);
        answerRefusal(exchange, { status: 500, text: 'internal error' });
      }
    });
  };
}

function logAtEnd(exchange: Exchange, log: (line: string) => void): void {
  const { request, response } = exchange;
  const time = Date.now();
  const started = performance.now();
  const address = request.socket.remoteAddress?.replace(/^::ffff:/, '');
  response.on('close', () => {
    log(
      formatLogLine({
        address,
        user: exchange.user,
        time,
        method: request.method ?? '-',
        target: request.url ?? '-',
        httpVersion: request.httpVersion,
        status: response.headersSent ? response.statusCode : undefined,
        bytes: exchange.sent,
        referrer: request.headers.referer,
        userAgent: request.headers['user-agent'],
        duration: performance.now() - started,
      }),
    );
  });
}

import type { ByteString } from '../lib/bytes.js';
import type { Wire } from './wire.js';

/** A wire whose next line can be waited for without being taken. */
export interface PeekingWire extends Wire {
  peek(): Promise<ByteString | undefined>;
}

export function createPeekingWire(wire: Wire): PeekingWire {
  let ahead: Promise<ByteString | undefined> | undefined;
  return {
    peek() {
      ahead ??= wire.line();
      return ahead;
    },
    line() {
      const line = ahead ?? wire.line();
      ahead = undefined;
      return line;
    },
    data: (length) => wire.data(length),
    send: (message) => wire.send(message),
    sendData: (bytes, recycle) => wire.sendData(bytes, recycle),
  };
}

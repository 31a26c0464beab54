import type { ByteString } from '../../src/lib/bytes.js';
import type { Sink } from '../../src/report/sink.js';

/** A sink that keeps what was written. */
export class MemorySink implements Sink {
  text = '';

  write(bytes: ByteString): void {
    this.text += bytes;
  }

  async flush(): Promise<void> {}
}

import type { Action, AnnexEvent } from '../domain/events.js';
import { formatBytes, formatSeconds } from './units.js';

interface Running {
  bytes: number;
  total: number | undefined;
}

/** Counts what file actions did and still have to do. Memory grows with the running actions only. */
export class TransferTotals {
  readonly running = new Map<Action, Running>();
  #expectedFiles = 0;
  #expectedBytes = 0;
  #files = 0;
  #failed = 0;
  #bytes = 0;
  readonly #startedAt: number;

  /** `now` in milliseconds. */
  constructor(now: number) {
    this.#startedAt = now;
  }

  /** Takes one event about a file, or the totals. */
  add(event: AnnexEvent): void {
    if (event.type === 'start') {
      this.running.set(event.action, { bytes: 0, total: undefined });
    } else if (event.type === 'progress') {
      this.running.set(event.action, { bytes: event.bytes, total: event.total });
    } else if (event.type === 'totals') {
      this.#expectedFiles = event.files;
      this.#expectedBytes = event.bytes;
    } else if (event.type === 'end') {
      if (event.success) this.#bytes += this.running.get(event.action)?.bytes ?? 0;
      this.running.delete(event.action);
      this.#files++;
      if (!event.success) this.#failed++;
    }
  }

  /** One line on all of it: `12 of 400 files, 1.2 GB of 3.4 GB, 20 MB/s, 2m 5s left, 1 failed`. */
  summary(now: number): string {
    const bytes = [...this.running.values()].reduce((sum, { bytes }) => sum + bytes, this.#bytes);
    const seconds = (now - this.#startedAt) / 1000;
    const rate = seconds > 0 ? bytes / seconds : 0;
    const left = this.#expectedBytes - bytes;
    const parts = [
      this.#expectedFiles > 0
        ? `${this.#files} of ${this.#expectedFiles} files`
        : `${this.#files} file${this.#files === 1 ? '' : 's'}`,
      this.#expectedBytes > 0
        ? `${formatBytes(bytes)} of ${formatBytes(this.#expectedBytes)}`
        : formatBytes(bytes),
    ];
    if (rate > 0) parts.push(`${formatBytes(rate)}/s`);
    if (rate > 0 && left > 0) parts.push(`${formatSeconds(left / rate)} left`);
    if (this.#failed > 0) parts.push(`${this.#failed} failed`);
    return parts.join(', ');
  }
}

import type { Emit } from '../domain/events.js';

/** A reader of events: shows them as text or JSON, or not at all. */
export interface Reporter {
  readonly emit: Emit;
  /** Ends displays and hands everything to the streams; resolves when they took it. Emits nothing afterwards. */
  close(): Promise<void>;
}

/** What a reporter shows, decided by the command's options and the terminal. */
export interface ReportOptions {
  /** Several actions may be open at once; each is shown when it ends. */
  readonly concurrent: boolean;
  /** Show failed actions only. */
  readonly quiet: boolean;
  /** git's `core.quotePath`: whether bytes above 127 in file names are escaped in text. Asked when a name has any. */
  readonly quotePath: () => boolean;
}

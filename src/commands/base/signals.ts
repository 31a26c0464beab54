import { AnnexError } from '../../domain/errors.js';
import { INTERRUPTED } from '../../report/exit-codes.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * An abort signal that follows the process's signals, so that work ends in order; a second signal ends the process at
 * once. `stop` gives the signals their usual meaning back.
 */
export function watchSignals(): { readonly signal: AbortSignal; readonly stop: () => void } {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort(new AnnexError('interrupted', `interrupted by ${name}`));
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    stop() {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}

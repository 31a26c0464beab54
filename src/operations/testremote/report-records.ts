import type { Emit } from '../../domain/events.js';
import { fromText } from '../../lib/bytes.js';
import type { ByteString } from '../../lib/bytes.js';
import type { SuiteReport } from './suite-report.js';

/** One JSON record for each case, and one of them all. */
export function createRecordReport(remote: ByteString, emit: Emit): SuiteReport {
  const base = { command: 'testremote', remote };
  return {
    group: () => undefined,
    result({ group, name, seconds, failure }) {
      const errors = failure === undefined ? [] : failure.text.split('\n').map(fromText);
      emit({
        type: 'record',
        fields: {
          ...base,
          'error-messages': errors,
          group,
          hung: failure?.hung === true,
          name,
          seconds: rounded(seconds),
          success: failure === undefined,
        },
      });
    },
    end({ total, failed, seconds }) {
      const summary = { failed, passed: total - failed, seconds: rounded(seconds), total };
      emit({ type: 'record', fields: { ...base, success: failed === 0, summary } });
    },
  };
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

import { numberLog } from './single-value-log.js';

/** `numcopies.log`: the wanted number of copies. A number below 1 counts as 1. */
export const numcopiesLog = numberLog('numcopies.log');

/** `mincopies.log`: the least number of copies that must be locked or trusted for a drop. */
export const mincopiesLog = numberLog('mincopies.log');

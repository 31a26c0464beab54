import type { ByteString } from '../../lib/bytes.js';
import { createRecordSplitter } from '../../lib/record-splitter.js';
import type { AnswerParser } from './request-child.js';

/** Answers of `check-attr --stdin -z NAME`: `path NUL attribute NUL value NUL`. */
export function attributeParser(): AnswerParser<ByteString | undefined> {
  const splitter = createRecordSplitter(0);
  let field = 0;
  return (chunk, answer) => {
    for (const record of splitter.push(chunk)) {
      if (field === 2) answer(record === 'unspecified' ? undefined : record);
      field = (field + 1) % 3;
    }
  };
}

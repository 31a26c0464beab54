import { AnnexError } from '../domain/errors.js';

/**
 * The words of a command line as ssh hands it to a login shell. Only quoting is understood (single and double quotes,
 * backslashes): nothing is expanded and nothing is run.
 */
export function splitCommand(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string;
    if (char === '\\' && quote !== "'") {
      i++;
      if (i === line.length) throw new AnnexError('usage', 'the command ends in a backslash');
      word = (word ?? '') + line[i];
    } else if (quote !== '') {
      if (char === quote) quote = '';
      else word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + char;
  }
  if (quote !== '') throw new AnnexError('usage', 'the command has a quote that is not closed');
  return word === undefined ? words : [...words, word];
}

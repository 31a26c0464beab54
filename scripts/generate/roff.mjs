// The pieces that man pages are made of.

export const heading = (name, { version }) =>
  `.TH ${roff(name.toUpperCase())} 1 "" "git\\-annex\\-ts ${roff(version)}" "git\\-annex\\-ts"`;
export const section = (title) => `.SH ${title}`;
export const paragraph = (text) => `.PP\n${protect(roff(text))}`;
export const entry = (term, text) => `.TP\n${term}\n${protect(text.includes('\\-') ? text : roff(text))}`;
export const example = (text) =>
  `.PP\n.nf\n${protect(roff(text.replaceAll('<%= config.bin %>', 'git annex-ts')))}\n.fi`;

/** Text with roff's special characters escaped. */
export function roff(text) {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('`', '');
}

/** A line that starts with a dot or quote would be a request. */
function protect(text) {
  return text.replace(/^([.'])/gm, '\\&$1');
}

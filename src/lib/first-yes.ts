/** True as soon as one of the answers is, false when none is; the answers must not fail. */
export async function firstYes(answers: readonly Promise<boolean>[]): Promise<boolean> {
  return new Promise((resolve) => {
    let left = answers.length;
    if (left === 0) resolve(false);
    for (const answer of answers) {
      void answer.then((yes) => {
        left--;
        if (yes) resolve(true);
        else if (left === 0) resolve(false);
      });
    }
  });
}

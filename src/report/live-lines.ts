import { setImmediate as nextTurn } from 'node:timers/promises';

/** A few lines at the bottom of the terminal that are redrawn in place. */
export interface LiveLines {
  show(title: string, lines: readonly string[]): void;
  /** Leaves the title as a finished line; resolves when the terminal is free for other text. */
  end(title: string): Promise<void>;
}

/** Live lines drawn by listr2, which is loaded when they are first needed. */
export function openLiveLines(): LiveLines {
  let title = '';
  let lines: readonly string[] = [];
  let draw = () => {};
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const shown = import('listr2').then(async ({ Listr }) => {
    // Text written before the live lines comes first.
    await nextTurn();
    const list = new Listr(
      [
        {
          title: ' ',
          task: (_context, task) => {
            // In the title, since listr2 keeps the earlier lines of a task's output.
            draw = () => {
              task.title = [title, ...lines].join('\n');
            };
            draw();
            return finished.then(() => draw());
          },
        },
      ],
      { registerSignalListeners: false },
    );
    await list.run();
  });

  return {
    show(newTitle, newLines) {
      title = newTitle;
      lines = newLines;
      draw();
    },
    end(lastTitle) {
      title = lastTitle;
      lines = [];
      finish();
      return shown;
    },
  };
}

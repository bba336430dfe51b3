// The pace: how often something is done.

// A function that does the task, soon, but one at a time and with a pause in between.
export function paced(task, milliseconds, signal) {
  let isRunning = false;
  let isDue = false;

  async function run() {
    if (isRunning) {
      isDue = true;
      return;
    }
    isRunning = true;
    isDue = false;
    await Promise.all([Promise.resolve().then(task).catch(console.warn), pause(milliseconds)]);
    isRunning = false;
    if (isDue && !signal.aborted) run();
  }

  return run;
}

export function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}

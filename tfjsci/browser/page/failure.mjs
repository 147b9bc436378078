/**
 * What went wrong, and in which stage: thrown inside the page, plain data on the way out.
 *
 * Stages: `runtime` (the release's scripts), `backend` (not there, or another one), `custom` (the scripts of custom ops),
 * `model` (not loadable), `inputs` (not what the model's signature asks for), `run`, `outputs` (can't be read or handed
 * over), `page`.
 *
 * @typedef {{failure: {stage: string, message: string}}} Failure
 */

/** Long enough for a kernel's whole complaint; a shader's source (100 kB) is cut. */
const MESSAGE_LENGTH = 4000;

class StageError extends Error {
  constructor(stage, message) {
    super(message);
    this.stage = stage;
  }
}

/** Whatever was thrown, in words: the runtime also rejects with plain objects, strings and nothing at all. */
function wordsOf(error) {
  const words = error?.message ?? error;
  return typeof words === 'string' && words ? words : `a value that is no error was thrown: ${JSON.stringify(words)}`;
}

/**
 * Runs `work`, and names `stage` in whatever it throws (an inner stage keeps its name).
 * @template T @param {string} stage @param {() => T | Promise<T>} work @returns {Promise<T>}
 */
export async function during(stage, work) {
  try {
    return await work();
  } catch (error) {
    throw error instanceof StageError ? error : new StageError(stage, wordsOf(error));
  }
}

/** @returns {Failure} */
export function failureOf(error) {
  const message = wordsOf(error);
  const cut = message.length > MESSAGE_LENGTH ? `${message.slice(0, MESSAGE_LENGTH)} … (${message.length} characters)` : message;
  return {failure: {stage: error instanceof StageError ? error.stage : 'page', message: cut}};
}

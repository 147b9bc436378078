/**
 * Ops of the user's own: scripts that register them with `tf.registerOp`, run as in the user's page, on the backend of
 * the job and before a model is loaded. A script that throws, registers less than was said, or turns to another backend
 * is named.
 *
 * @typedef {{script: string, url: string, ops: string[]}} CustomScript `script` is what messages call it
 */

/** @param {import('./jobs.mjs').Job} job @param {import('./jobs.mjs').World} world */
export async function registerCustomOps(job, {tf, loadScript}) {
  for (const {script, url, ops} of job.custom) {
    const registered = await registeredBy(tf, script, () => loadScript(url));
    const missing = ops.filter(op => !registered.has(op));
    if (missing.length) {
      const instead = registered.size ? `it registers ${[...registered].join(', ')}` : 'it registers no op';
      throw new Error(`${script} doesn't register ${missing.join(', ')} while it is loaded: ${instead}`);
    }
    if (tf.getBackend() !== job.backend) throw new Error(`${script} turned from ${job.backend} to ${tf.getBackend()}`);
  }
}

/** The names that `work` registers; what it throws is told as the script's. */
async function registeredBy(tf, script, work) {
  const {registerOp} = tf;
  const registered = new Set();
  tf.registerOp = (name, run) => {
    registered.add(name);
    return registerOp(name, run);
  };
  try {
    await work();
  } catch (error) {
    throw new Error(`${script} threw ${error}`);
  } finally {
    tf.registerOp = registerOp;
  }
  return registered;
}

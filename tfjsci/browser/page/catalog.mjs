/**
 * What the release runs, asked of the release itself: which kernels each backend registers, which ops the executor
 * has a case for, and which kernels each of these calls.
 *
 * The names to ask for are those of our examples and those that the release's own op lists hold. An example is a model
 * of one node; it is run on this job's backend with `runKernel` recorded, as script/make_catalog.mjs does it in node.
 * Where there is no example, the node is run bare: what it says tells whether the executor knows it, not what it calls.
 *
 * @typedef {{name: string, outputs: string[], topology: object, weightSpecs: object[], weights: string}} Example
 * @typedef {{category: string, kernels: ?string[], fails?: string}} AskedOp `kernels` is null where nobody knows
 */

/** Run by the graph executor itself: tensor lists, loops and tables live in JavaScript; the others only hand a tensor on. */
const WITHOUT_KERNELS = {categories: ['control', 'hash_table'], ops: ['Const', 'NoOp', 'Placeholder']};

/** What the executor throws at an op that its list holds and no case runs. */
const NO_CASE = /is not implemented$/;

export async function catalog(job, world) {
  const {tf} = world;
  const examples = new Map(JSON.parse(await textAt(job.examples, world)).map(example => [example.name, example]));
  const listed = (await Promise.all(job.runtime.scripts.map(url => namesIn(url, world)))).flat();
  const ops = {};
  for (const name of [...new Set([...examples.keys(), ...listed])].sort()) {
    const asked = await ask(tf, name, examples.get(name));
    if (asked) ops[name] = asked;
  }
  const kernels = Object.fromEntries(job.backends.map(backend => [backend, kernelsOf(tf, backend)]));
  return {catalog: {versions: {...tf.version}, kernels, ops}};
}

function kernelsOf(tf, backend) {
  return [...new Set(tf.getKernelsForBackend(backend).map(kernel => kernel.kernelName))].sort();
}

/** @returns {Promise<?AskedOp>} null for an op that the executor doesn't know */
async function ask(tf, name, example) {
  const {category, threw} = await using(tf, bare(name), async model => ({
    // The runtime's own reading of the node: there is no public name for it.
    category: model.executor.graph.nodes[name].category,
    ...await recorded(tf, () => model.executeAsync({}, [name])),
  }));
  if (!category || NO_CASE.test(threw)) return null;
  if (WITHOUT_KERNELS.categories.includes(category) || WITHOUT_KERNELS.ops.includes(name)) return {category, kernels: []};
  if (!example) return {category, kernels: null};
  const did = await using(tf, example, model => recorded(tf, () => model.executeAsync({}, example.outputs)));
  return did.threw ? {category, kernels: [], fails: did.threw} : {category, kernels: did.kernels};
}

/** @returns {Example} a model of one node, named as its op, that is given nothing */
function bare(op) {
  const topology = {node: [{name: op, op, input: [], attr: {}}], library: {}, versions: {producer: 1882}};
  return {name: op, outputs: [op], topology, weightSpecs: [], weights: ''};
}

async function using(tf, {topology: modelTopology, weightSpecs, weights}, work) {
  const weightData = Uint8Array.from(atob(weights), c => c.charCodeAt(0)).buffer;
  const model = await tf.loadGraphModel(tf.io.fromMemory({modelTopology, weightSpecs, weightData}));
  try {
    return await work(model);
  } finally {
    model.dispose();
  }
}

/** The names of the kernels that `work` calls, and what it throws. */
async function recorded(tf, work) {
  const engine = tf.engine();
  const {runKernel} = engine;
  const called = new Set();
  engine.runKernel = function (name, ...rest) {
    called.add(name);
    return runKernel.call(this, name, ...rest);
  };
  try {
    await work();
    return {kernels: [...called].sort()};
  } catch (error) {
    return {threw: String(error?.message ?? error)};
  } finally {
    engine.runKernel = runKernel;
  }
}

async function textAt(url, {fetch}) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}

/** The names in the op lists of a script of the release. */
async function namesIn(url, world) {
  return [...(await textAt(url, world)).matchAll(/tfOpName:\s*["'](\w+)["']/g)].map(match => match[1]);
}

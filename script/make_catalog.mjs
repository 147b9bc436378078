// The catalogue of ops and kernels, read out of the npm release of TensorFlow.js itself, so that nothing in it is typed by hand.
//
//   node script/make_catalog.mjs NODE_MODULES EXAMPLES DIGEST > catalog.json      (script/make_catalog.py calls it so)
//
// - Ops: the op lists of the categories that the converter's operation_mapper imports (ragged and tfdf are shipped, but
//   never imported), kept when the category's executor has a case for them.
// - Kernels of a backend: what its package registers on import; no device is needed for that.
// - Kernels of an op: one-node models (EXAMPLES, from tests/browser/op_cases) are run on the cpu backend with
//   `runKernel` recorded. An op without an example fails the script, unless the executor runs it without kernels.
//
// Output: JSON, ops and kernels sorted; the same release and examples give the same bytes. DIGEST stands for what was put
// in (this file and the examples) and is written into the output, so that a stale catalogue shows without node or npm.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const BACKENDS = ["cpu", "wasm", "webgl", "webgpu"];
const PACKAGES = ["tfjs-backend-cpu", "tfjs-backend-wasm", "tfjs-backend-webgl", "tfjs-backend-webgpu", "tfjs-converter", "tfjs-core"];

// Run by the graph executor itself: tensor lists, loops and tables live in JavaScript, and Const and
// Placeholder only hand a tensor on.
const WITHOUT_KERNELS = { categories: ["control", "hash_table"], ops: ["Const", "NoOp", "Placeholder"] };

const [modules, examplesPath, digest] = process.argv.slice(2);
if (!modules || !examplesPath || !digest) {
  console.error("usage: node make_catalog.mjs NODE_MODULES EXAMPLES.json DIGEST");
  process.exit(2);
}
const scope = resolve(modules, "@tensorflow");
const require = createRequire(join(scope, "x.js"));
/** What npm wrote about the packages that it installed: their versions, and the digests of the archives they came in. */
const installed = JSON.parse(readFileSync(resolve(modules, ".package-lock.json"), "utf8")).packages;
const source = (...path) => readFileSync(join(scope, "tfjs-converter", "dist", "operations", ...path), "utf8");

/** The categories that the mapper imports, e.g. "basic_math". */
function categories() {
  return [...source("operation_mapper.js").matchAll(/from '\.\/op_list\/(\w+)'/g)].map((match) => match[1]);
}

/** The op list of a category: a module without imports, in a package whose files node takes for CommonJS. */
async function opList(category) {
  const text = source("op_list", `${category}.js`).replace(/^\/\/# sourceMappingURL.*$/m, "");
  return (await import(`data:text/javascript,${encodeURIComponent(text)}`)).json;
}

/** The ops that a category's executor has a case for. */
function cases(category) {
  return new Set([...source("executors", `${category}_executor.js`).matchAll(/case '(\w+)':/g)].map((match) => match[1]));
}

function parameter({ name, type, start, end }) {
  return { name, type, start, ...(end === undefined ? {} : { end }) };
}

function attribute({ tfName, type, defaultValue, notSupported }) {
  return { name: tfName, type, ...(defaultValue === undefined ? {} : { default: defaultValue }), read: !notSupported };
}

/** The package by npm's name, with what identifies its bytes. */
function describe(name) {
  const { version, integrity } = installed[`node_modules/@tensorflow/${name}`];
  return [`@tensorflow/${name}`, { version, integrity }];
}

/** Runs the example on the cpu backend and returns the names of the kernels that it called. */
async function record(tf, example) {
  const weights = Uint8Array.from(Buffer.from(example.weights, "base64")).buffer;
  const handler = tf.io.fromMemory({
    modelTopology: example.topology,
    weightSpecs: example.weightSpecs,
    weightData: weights,
  });
  const model = await tf.loadGraphModel(handler);
  const called = new Set();
  const engine = tf.engine();
  const runKernel = engine.runKernel;
  engine.runKernel = function (name, ...rest) {
    called.add(name);
    return runKernel.call(this, name, ...rest);
  };
  try {
    await model.executeAsync({}, example.outputs);
  } finally {
    engine.runKernel = runKernel;
    model.dispose();
  }
  return [...called].sort();
}

function sorted(object) {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function main() {
  console.warn = console.log = () => {}; // the runtime advertises its node binding, and Print prints
  const tf = require("@tensorflow/tfjs");
  require("@tensorflow/tfjs-backend-wasm");
  require("@tensorflow/tfjs-backend-webgpu");
  await tf.setBackend("cpu");

  const examples = new Map(JSON.parse(readFileSync(examplesPath, "utf8")).map((example) => [example.name, example]));
  const ops = {};
  const missing = [];
  for (const category of categories()) {
    const runs = cases(category);
    for (const entry of await opList(category)) {
      const op = entry.tfOpName;
      if (!runs.has(op)) continue;
      const kernelFree = WITHOUT_KERNELS.categories.includes(category) || WITHOUT_KERNELS.ops.includes(op);
      if (!kernelFree && !examples.has(op)) {
        missing.push(op);
        continue;
      }
      const described = { category, inputs: (entry.inputs ?? []).map(parameter), attrs: (entry.attrs ?? []).map(attribute), kernels: [] };
      try {
        if (!kernelFree) described.kernels = await record(tf, examples.get(op));
      } catch (error) {
        // Not even the reference backend runs a plain example: the op's own entry is broken.
        described.fails = String(error.message);
      }
      ops[op] = described;
    }
  }
  if (missing.length) {
    process.stderr.write(`no example in tests/browser/op_cases for: ${missing.join(", ")}\n`);
    process.exit(1);
  }

  const catalog = {
    packages: Object.fromEntries(PACKAGES.map(describe)),
    made_of: digest,
    kernels: Object.fromEntries(BACKENDS.map((backend) => [backend, [...new Set(tf.getKernelsForBackend(backend).map((kernel) => kernel.kernelName))].sort()])),
    ops: sorted(ops),
  };
  process.stdout.write(`${JSON.stringify(catalog, null, 1)}\n`);
}

await main();

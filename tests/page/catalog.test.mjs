/** The release is asked op by op: by its own reading, by what it throws, and by what an example calls. */

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {catalog} from '../../tfjsci/browser/page/catalog.mjs';

/**
 * A release: `ops` are its op lists, by name; `run` is what its executor does with a node that is given inputs, where it
 * has a case for the op.
 */
function release(ops, run) {
  const engine = {runKernel: () => {}};
  const execute = async ({op, input}) => {
    if (!ops[op]) throw new TypeError(`Unknown op '${op}'. File an issue at …`);
    if (!run[op]) throw new TypeError(`Node type ${op} is not implemented`);
    if (!input.length) throw new TypeError("Cannot read properties of undefined (reading 'split')");
    run[op](engine);
  };
  return {
    version: {tfjs: '9.9.9', 'tfjs-core': '9.9.9'},
    getKernelsForBackend: backend => ['Relu', 'Abs', 'Abs'].map(kernel => ({kernelName: `${backend}${kernel}`})),
    engine: () => engine,
    io: {fromMemory: model => model},
    loadGraphModel: async ({modelTopology: {node}}) => ({
      executor: {graph: {nodes: Object.fromEntries(node.map(each => [each.name, {op: each.op, category: ops[each.op]}]))}},
      executeAsync: async (_, [name]) => execute(node.find(each => each.name === name)),
      dispose: () => {},
    }),
  };
}

const example = (op, name = op) => ({
  name, outputs: ['y'], topology: {node: [{name: 'y', op, input: ['x']}]}, weightSpecs: [], weights: '',
});

function asked(ops, run, examples) {
  const texts = {
    examples: JSON.stringify(examples),
    script: Object.entries(ops).map(([op, category]) => `{tfOpName:"${op}",category:"${category}"}`).join(),
  };
  const fetch = async url => (url in texts ? new Response(texts[url]) : new Response('', {status: 404}));
  const job = {backend: 'cpu', backends: ['cpu', 'webgl'], runtime: {scripts: ['script']}, examples: 'examples'};
  return catalog(job, {tf: release(ops, run), fetch}).then(({catalog}) => catalog);
}

const calls = (...names) => engine => names.forEach(name => engine.runKernel(name));

test('an op has the kernels that its example called, each once and sorted', async () => {
  const {ops} = await asked({RFFT: 'spectral'}, {RFFT: calls('Real', 'FFT', 'Real')}, [example('RFFT')]);
  assert.deepEqual(ops, {RFFT: {category: 'spectral', kernels: ['FFT', 'Real']}});
});

test('kernels come by backend, the release says its versions', async () => {
  const {kernels, versions} = await asked({}, {}, []);
  assert.deepEqual(kernels, {cpu: ['cpuAbs', 'cpuRelu'], webgl: ['webglAbs', 'webglRelu']});
  assert.deepEqual(versions, {tfjs: '9.9.9', 'tfjs-core': '9.9.9'});
});

test('an op that only we know is not there, and neither is one that is listed and has no case', async () => {
  const {ops} = await asked({Listed: 'graph'}, {}, [example('Older'), example('Listed')]);
  assert.deepEqual(ops, {});
});

test('an op that only the release knows is there, with kernels that nobody knows', async () => {
  const {ops} = await asked({Newer: 'graph'}, {Newer: calls('Newer')}, []);
  assert.deepEqual(ops, {Newer: {category: 'graph', kernels: null}});
});

test('an op whose example throws is broken', async () => {
  const broken = () => { throw new Error("Argument 'x' must be a Tensor"); };
  const {ops} = await asked({BitwiseAnd: 'arithmetic'}, {BitwiseAnd: broken}, [example('BitwiseAnd')]);
  assert.deepEqual(ops, {BitwiseAnd: {category: 'arithmetic', kernels: [], fails: "Argument 'x' must be a Tensor"}});
});

test('what the executor runs itself has no kernels, whatever its example calls', async () => {
  const {ops} = await asked({While: 'control'}, {While: calls('Less')}, [example('While')]);
  assert.deepEqual(ops, {While: {category: 'control', kernels: []}});
});

test('the engine is left as it was', async () => {
  const tf = release({Relu: 'basic_math'}, {Relu: calls('Relu')});
  const {runKernel} = tf.engine();
  const fetch = async url => new Response(url === 'examples' ? JSON.stringify([example('Relu')]) : '');
  await catalog({backends: [], runtime: {scripts: []}, examples: 'examples'}, {tf, fetch});
  assert.equal(tf.engine().runKernel, runKernel);
});

test('examples that cannot be fetched are a failure', async () => {
  const job = {backends: [], runtime: {scripts: []}, examples: 'gone'};
  await assert.rejects(catalog(job, {tf: release({}, {}), fetch: async () => new Response('', {status: 404})}), /gone answered 404/);
});

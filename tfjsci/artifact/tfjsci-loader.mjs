/**
 * Loads TensorFlow.js graph models, also those whose weights are packed (int4, uint8-per-channel …). It unpacks them itself, so
 * that the runtime gets a plain model: faster than the runtime's own way, with no more memory than a float model takes, and with
 * nothing for the page to take care of. It is no part of TensorFlow.js and needs nothing else: `tfjsci loader` printed it.
 *
 *     import * as tf from '@tensorflow/tfjs';
 *     import {loadModel} from './tfjsci-loader.mjs';
 *     const model = await loadModel('model/model.json', {tf});
 *     const answer = tf.tidy(() => model.predict(image));
 */

/** What the runtime says when a graph needs `executeAsync` (control flow, dynamic shapes, look-up tables). */
const NEEDS_ASYNC = 'model.executeAsync()';

/** An input of the model that its initializer makes and that is no weight. */
const TABLE = 'DT_RESOURCE';

/**
 * Loads a graph model, unpacks its weights, and runs it once so that shaders are compiled.
 *
 * @param {string | object} source what `tf.loadGraphModel` takes: the address of model.json, `indexeddb://…`, an IOHandler
 * @param {object} [options] beside these, whatever `tf.loadGraphModel` takes
 * @param {object} [options.tf] the runtime; by default the global `tf`
 * @param {boolean | Record<string, number[]>} [options.warmUp] false: without the first run; or the shapes of its inputs by name,
 *   where a size of 1 won't do for those that the model leaves open
 * @returns {Promise<object>} the runtime's GraphModel; `save` saves the packed weights
 */
export async function loadModel(source, {tf = globalThis.tf, warmUp = true, ...options} = {}) {
  if (!tf?.loadGraphModel) throw new Error('there is no TensorFlow.js: load it before, or hand it in as {tf}');
  const handler = typeof source === 'string' ? handlerFor(tf, source, {...options, streamWeights: false}) : source;
  const packed = await handler.load();
  const plain = unpacked(packed);
  const model = await tf.loadGraphModel({load: async () => plain});
  if (plain !== packed) model.save = async place => saveHandler(tf, place).save(packed);
  try {
    if (warmUp) await firstRun(tf, model, warmUp === true ? {} : warmUp);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}

function handlerFor(tf, url, options) {
  const handlers = options.requestInit == null ? tf.io.getLoadHandlers(url, options) : [];
  return handlers[0] ?? tf.io.browserHTTPRequest(url, options);
}

function saveHandler(tf, place) {
  const handler = typeof place === 'string' ? tf.io.getSaveHandlers(place)[0] : place;
  if (handler == null) throw new Error(`nothing saves to ${place}`);
  return handler;
}

/**
 * The same model with its packed weights as plain ones; the same object where there are none.
 *
 * The initializer makes a weight of packed bytes, and both signatures give it a number (`resourceId`); what else it does, filling
 * look-up tables, is left to it.
 *
 * @param {object} artifacts as an IOHandler loads them
 */
export function unpacked(artifacts) {
  const {modelInitializer, initializerSignature, signature} = artifacts;
  const made = madeBy(initializerSignature, signature);
  if (!modelInitializer || made.size === 0) return artifacts;
  const stored = readWeights(artifacts);
  const values = new Values(modelInitializer.node, stored, [...made.values()]);
  const weights = [...made].map(([name, tensor]) => ({name, value: values.of(tensor)}));

  const tables = new Set(modelInitializer.node.filter(node => node.op.startsWith('LookupTableImport')).map(({name}) => name));
  const initializer = behind(tables, modelInitializer.node);
  const topology = artifacts.modelTopology;
  const node = topology.node.map(each => (made.has(each.name) ? constant(each) : each));
  const read = new Set([...constsOf({...topology, node}), ...constsOf({node: initializer})]);
  const {modelInitializer: _, initializerSignature: __, ...rest} = artifacts;
  return {
    ...rest,
    ...(initializer.length ? {modelInitializer: {...modelInitializer, node: initializer}} : {}),
    modelTopology: {...topology, node},
    signature: {...signature, inputs: Object.fromEntries(Object.entries(signature.inputs).filter(([name]) => !made.has(name)))},
    ...joined(stored.filter(({spec}) => read.has(spec.name)), weights),
  };
}

/**
 * Placeholder of the model -> tensor of the initializer, of weights alone; of several with one number the last, as in the runtime.
 * Releases before 4 leave the initializer's signature out: there the name is all that is known, and it is the same in both.
 */
function madeBy(initializerSignature, signature) {
  const byNumber = new Map(Object.values(initializerSignature?.outputs ?? {}).map(({resourceId, name}) => [resourceId, name]));
  const entries = Object.entries(signature?.inputs ?? {});
  const weights = entries.filter(([, {resourceId, dtype}]) => resourceId != null && dtype !== TABLE);
  return new Map(weights.map(([name, entry]) => [name, byNumber.get(entry.resourceId) ?? entry.name]));
}

function constant({name, attr}) {
  const tensor = {dtype: 'DT_FLOAT', tensorShape: attr.shape.shape};
  return {name, op: 'Const', attr: {dtype: {type: 'DT_FLOAT'}, value: {tensor}}};
}

/** Every Const of a graph and of its functions, by name. */
function constsOf({node, library}) {
  const nodes = [...node, ...(library?.function ?? []).flatMap(each => each.nodeDef ?? [])];
  return nodes.filter(each => each.op === 'Const').map(each => each.name);
}

/** The nodes that `names` are made of, themselves among them, in their order. */
function behind(names, nodes) {
  const byName = new Map(nodes.map(node => [node.name, node]));
  const found = new Set();
  const waiting = [...names];
  while (waiting.length) {
    const name = waiting.pop();
    if (found.has(name)) continue;
    found.add(name);
    for (const tensor of byName.get(name).input ?? []) waiting.push(nodeOf(tensor));
  }
  return nodes.filter(({name}) => found.has(name));
}

const nodeOf = tensor => tensor.replace(/^\^/, '').split(':')[0];
const sizeOf = shape => shape.reduce((product, size) => product * size, 1);

const BYTES = {float32: 4, int32: 4, bool: 1, complex64: 8, float16: 2, uint8: 1, uint16: 2};

/** @returns {{spec: object, bytes: Uint8Array}[]} the weights as they lie in the file */
function readWeights({weightSpecs, weightData}) {
  const all = bytesOf(weightData);
  let start = 0;
  return weightSpecs.map(spec => {
    const count = sizeOf(spec.shape);
    const length = spec.dtype === 'string' ? stringBytes(all, start, count) : count * BYTES[(spec.quantization ?? spec).dtype];
    const bytes = all.subarray(start, start + length);
    if (bytes.length !== length) throw new Error(`the weight ${spec.name} is cut off`);
    start += length;
    return {spec, bytes};
  });
}

/** Newer releases hand out the shards as they came. */
function bytesOf(data) {
  if (!Array.isArray(data)) return new Uint8Array(data);
  const all = new Uint8Array(data.reduce((sum, part) => sum + part.byteLength, 0));
  let start = 0;
  for (const part of data) {
    all.set(new Uint8Array(part), start);
    start += part.byteLength;
  }
  return all;
}

/** Of so many strings, each its length in four bytes and itself. */
function stringBytes(all, start, count) {
  const view = new DataView(all.buffer, all.byteOffset);
  let end = start;
  for (let i = 0; i < count; i += 1) end += 4 + view.getUint32(end, true);
  return end - start;
}

/** Weights as they lie, then those that were made, as the runtime reads them. */
function joined(stored, made) {
  const length = stored.reduce((sum, {bytes}) => sum + bytes.length, 0) + made.reduce((sum, {value}) => sum + value.data.byteLength, 0);
  const all = new Uint8Array(length);
  let start = 0;
  const add = bytes => {
    all.set(bytes, start);
    start += bytes.length;
  };
  for (const {bytes} of stored) add(bytes);
  for (const {value: {data}} of made) add(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const specs = made.map(({name, value}) => ({name, shape: value.shape, dtype: 'float32'}));
  return {weightSpecs: [...stored.map(({spec}) => spec), ...specs], weightData: all.buffer};
}

/**
 * The initializer's tensors, computed when they are asked for, in float32 as the runtime does. What nobody else is going to read is
 * computed in place: fresh memory costs more than the arithmetic.
 */
class Values {
  constructor(nodes, stored, wanted) {
    this.nodes = new Map(nodes.map(node => [node.name, node]));
    this.stored = new Map(stored.map(weight => [weight.spec.name, weight]));
    this.known = new Map();
    this.readers = new Map();
    for (const tensor of [...nodes.flatMap(({input}) => input ?? []), ...wanted]) this.count(tensor, 1);
  }

  /** How many are going to read a tensor, now that there are `more`. */
  count(tensor, more) {
    const name = tensor.replace(/:0$/, '');
    this.readers.set(name, (this.readers.get(name) ?? 0) + more);
    return this.readers.get(name);
  }

  /** @returns {{data: Float32Array | Int32Array, shape: number[]}} */
  of(tensor) {
    const [name, index = 0] = tensor.split(':');
    if (!this.known.has(name)) this.known.set(name, this.made(name));
    return this.known.get(name)[index];
  }

  made(name) {
    const node = this.nodes.get(name);
    if (node?.op === 'Const' && this.stored.has(name)) return [decoded(this.stored.get(name))];
    const run = OPS[node?.op];
    if (!run) throw new Error(`the weights can't be unpacked: ${node ? `the initializer has the op ${node.op}` : `nothing makes ${name}`}`);
    const inputs = node.input.map(tensor => this.of(tensor));
    const left = node.input.map(tensor => this.count(tensor, -1));
    const {data} = inputs[0];
    return [run(left.at(node.input.lastIndexOf(node.input[0])) === 0 ? data : new Float32Array(data.length), ...inputs)].flat();
  }
}

/** Each is given where to put its answer, if it is as long as the first input, then its inputs. */
const OPS = {
  Mul: (out, a, b) => elementwise(out, a, b, (out, a, b, start, from, count, step) => {
    for (let i = 0; i < count; i += 1) out[start + i] = a[start + i] * b[from + i * step];
  }),
  Sub: (out, a, b) => elementwise(out, a, b, (out, a, b, start, from, count, step) => {
    for (let i = 0; i < count; i += 1) out[start + i] = a[start + i] - b[from + i * step];
  }),
  AddV2: (out, a, b) => elementwise(out, a, b, (out, a, b, start, from, count, step) => {
    for (let i = 0; i < count; i += 1) out[start + i] = a[start + i] + b[from + i * step];
  }),
  Floor: (out, {data, shape}) => {
    for (let i = 0; i < data.length; i += 1) out[i] = Math.floor(data[i]);
    return {data: out, shape};
  },
  Reshape: (out, {data}, {data: shape}) => ({data: filled(out, data), shape: [...shape]}),
  ConcatV2: (out, ...inputs) => concatenated(inputs.slice(0, -1)),
  SplitV: (out, {data}, {data: sizes}) => {
    const whole = filled(out, data);
    let start = 0;
    return [...sizes].map(size => ({data: whole.subarray(start, (start += size)), shape: [size]}));
  },
};

/** `out` with the values of `data`, which it may be. */
function filled(out, data) {
  if (out !== data) out.set(data);
  return out;
}

function concatenated(parts) {
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let start = 0;
  for (const part of parts) {
    data.set(part.data, start);
    start += part.data.length;
  }
  return {data, shape: [data.length]};
}

/**
 * `second` is repeated along the dimensions in which its size is 1. `row` computes a stretch in which it is one number, or moves as
 * `first` does.
 */
function elementwise(out, first, second, row) {
  const {data: a} = first;
  const {data: b} = second;
  const runs = runsOf(first.shape, second.shape);
  const inner = runs.pop();
  const place = runs.map(() => 0);
  for (let start = 0, from = 0; start < a.length; start += inner.size) {
    row(out, a, b, start, from, inner.size, inner.stride);
    for (let axis = runs.length - 1; axis >= 0; axis -= 1) {
      const {size, stride} = runs[axis];
      from += stride;
      if (++place[axis] < size) break;
      from -= stride * size;
      place[axis] = 0;
    }
  }
  return {data: out, shape: first.shape};
}

/** Neighbouring dimensions along which `small` is repeated, or isn't, as one; how far one step in it goes in `small`. */
function runsOf(shape, small) {
  const runs = [];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const own = small[axis - shape.length + small.length] ?? 1;
    const size = shape[axis];
    if (size === 1) continue;
    const moves = own !== 1;
    if (runs[0]?.moves === moves) runs[0].size *= size;
    else runs.unshift({size, moves, stride: moves ? stride : 0});
    stride *= own;
  }
  return runs.length ? runs : [{size: 1, moves: false, stride: 0}];
}

const ARRAYS = {float32: Float32Array, int32: Int32Array, uint8: Uint8Array, uint16: Uint16Array, float16: Uint16Array};

/** A weight as the runtime decodes it. */
function decoded({spec: {shape, dtype, quantization}, bytes}) {
  const raw = new ARRAYS[(quantization ?? {dtype}).dtype](bytes.slice().buffer); // where it lies it may not be aligned
  if (!quantization) return {data: raw, shape};
  const {scale, min} = quantization;
  const data = new Float32Array(raw.length);
  if (quantization.dtype === 'float16') raw.forEach((bits, i) => (data[i] = widened(bits)));
  else for (let i = 0; i < raw.length; i += 1) data[i] = raw[i] * scale + min;
  return {data, shape};
}

/** A float of 16 bits, given as a whole number. */
function widened(bits) {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent ? sign * 2 ** (exponent - 25) * (1024 + fraction) : sign * 2 ** -24 * fraction;
}

/** Runs the model on zeros, of which nothing is left behind. */
async function firstRun(tf, model, shapes) {
  const names = model.inputNodes;
  const unknown = Object.keys(shapes).filter(name => !names.includes(name));
  if (unknown.length) throw new Error(`warmUp: the model has no input ${unknown.join(', ')}, but ${names.join(', ')}`);
  const inputs = {};
  try {
    model.inputs.forEach(({shape, dtype}, index) => {
      const name = names[index];
      if (model.modelSignature?.inputs?.[name]?.resourceId != null) return; // a table, which the runtime feeds
      const sizes = shapes[name] ?? shape?.map(size => (size > 0 ? size : 1));
      if (sizes == null) throw new Error(`warmUp: give the shape of the input ${name}, as in {warmUp: {"${name}": [1, 2]}}, or false`);
      inputs[name] = dtype === 'string' ? tf.fill(sizes, '', 'string') : tf.zeros(sizes, dtype);
    });
    const answer = await run(model, {...inputs}).catch(error => {
      const given = Object.entries(inputs).map(([name, {shape}]) => `${name}: [${shape}]`).join(', ');
      throw new Error(`the first run, on zeros of {${given}}, failed: ${error.message} Give other shapes, or {warmUp: false}.`, {cause: error});
    });
    await Promise.all(answer.map(tensor => tensor.data())); // until the GPU is done
    disposeOutputs(model, answer, inputs);
  } finally {
    for (const tensor of Object.values(inputs)) tensor.dispose();
  }
}

async function run(model, inputs) {
  try {
    return [model.execute(inputs, model.outputNodes)].flat();
  } catch (error) {
    if (!String(error?.message).includes(NEEDS_ASYNC)) throw error;
    return [await model.executeAsync(inputs, model.outputNodes)].flat();
  }
}

/** An output may be a weight or an input itself. */
function disposeOutputs(model, outputs, inputs) {
  const kept = new Set([...Object.values(inputs), ...Object.values(model.weights).flat()].map(({id}) => id));
  for (const tensor of outputs) if (!kept.has(tensor.id)) tensor.dispose();
}

/** A runtime of a few lines: tensors that are counted, a matrix product, and models that add their `step` to their input. */

let nextId = 0;

export class FakeTensor {
  constructor(tf, values, shape, dtype) {
    Object.assign(this, {tf, values, shape, dtype, id: nextId++});
    tf.alive.add(this);
  }

  async data() {
    if (!this.tf.alive.has(this)) throw new Error('Tensor is disposed.');
    return this.values;
  }

  dispose() {
    this.tf.alive.delete(this);
  }
}

/**
 * @param {{backend?: string, models?: Record<string, object>}} options `backend`: what is given whatever is asked for;
 *   `models`: what `loadGraphModel` finds, by address
 */
export function fakeTf({backend = null, models = {}} = {}) {
  let current = '';
  const tf = {
    alive: new Set(),
    version: {tfjs: '4.22.0'},
    setBackend: async name => {
      current = backend ?? name;
      return current === name;
    },
    ready: async () => {},
    registered: {},
    registerOp: (name, run) => (tf.registered[name] = run),
    getBackend: () => current,
    env: () => ({getAsync: async name => name === 'WASM_HAS_SIMD_SUPPORT' || name === 'WASM_HAS_MULTITHREAD_SUPPORT'}),
    wasm: {setWasmPaths: path => (tf.wasmPath = path), getThreadsCount: () => 2},
    tensor: (values, shape, dtype) => new FakeTensor(tf, values, shape, dtype),
    matMul: (a, b) => {
      const [n, m] = [a.shape[0], b.shape[1]];
      const product = new Float32Array(n * m);
      for (let i = 0; i < n * m; i += 1) {
        for (let k = 0; k < a.shape[1]; k += 1) product[i] += a.values[Math.floor(i / m) * a.shape[1] + k] * b.values[k * m + i % m];
      }
      return tf.tensor(product, [n, m], 'float32');
    },
    memory: () => ({numTensors: tf.alive.size, numBytes: [...tf.alive].reduce((sum, {values}) => sum + values.byteLength, 0)}),
    loadGraphModel: async url => {
      if (!models[url]) throw new Error(`Request to ${url} failed with status code 404.`);
      return models[url](tf);
    },
  };
  return tf;
}

/** `y = x + step`; `leaks` tensors stay behind after each run; `dynamic`: only `executeAsync` will do. */
export const addingModel = ({step, leaks = 0, dynamic = false}) => tf => {
  const weight = tf.tensor(new Float32Array([step]), [1], 'float32');
  const answer = inputs => {
    for (let i = 0; i < leaks; i += 1) tf.tensor(new Float32Array(1), [1], 'float32');
    return tf.tensor(inputs.x.values.map(value => value + step), inputs.x.shape, 'float32');
  };
  return {
    weights: {step: [weight]},
    // As a model with weights made by its initializer has it: an input that nobody gives.
    modelSignature: {inputs: {x: {name: 'x:0'}, made: {name: 'made', resourceId: 7}}, outputs: {y: {name: 'y:0'}}},
    execute: inputs => {
      if (dynamic) throw new Error("This execution contains the node 'w', which has the dynamic op 'While'. Please use model.executeAsync() instead.");
      return answer(inputs);
    },
    executeAsync: async inputs => answer(inputs),
    dispose: () => weight.dispose(),
  };
};

/** One output that is its input, one that is a weight: what the runtime hands through is not a copy. */
export const handingThrough = tf => {
  const weight = tf.tensor(new Float32Array([5]), [1], 'float32');
  return {
    weights: {w: [weight]},
    modelSignature: {inputs: {x: {name: 'x:0'}}, outputs: {same: {name: 'x:0'}, constant: {name: 'w:0'}}},
    execute: inputs => [inputs.x, weight],
    dispose: () => weight.dispose(),
  };
};

/** A server in memory: what is fetched, and what was posted. */
export function fakeFetch(bodies) {
  const posted = {};
  const fetch = async (url, init) => {
    if (init?.method === 'POST') {
      posted[url] = Buffer.from(await init.body.arrayBuffer()).toString('base64');
      return new Response('');
    }
    return url in bodies ? new Response(Buffer.from(bodies[url], 'base64')) : new Response('', {status: 404});
  };
  return {fetch, posted};
}

/** A clock whose n-th interval is 2n + 1 ms: every interval tells its place. */
export function fakeClock() {
  let n = 0;
  return () => n ** 2 + 0 * n++;
}

/**
 * Tensors over the wire: a description in JSON, the values as bytes over HTTP (strings stay in the JSON).
 *
 * @typedef {{dtype: 'float32' | 'int32' | 'bool' | 'complex64', shape: number[], data: string}
 *   | {dtype: 'string', shape: number[], strings: string[]}} Sent an input; `data` is the address of its bytes
 * @typedef {{name: string, dtype: string, shape: number[], bytes: number}
 *   | {name: string, dtype: 'string', shape: number[], strings: string[]}} Received an output; `bytes` is its length in the body
 */

const ARRAYS = {float32: Float32Array, int32: Int32Array, bool: Uint8Array};

/** @param {Record<string, Sent>} sent @returns {Promise<Record<string, object>>} tensors by signature name */
export async function receiveInputs(sent, {tf, fetch}) {
  const tensors = {};
  for (const [name, {dtype, shape, data, strings}] of Object.entries(sent)) {
    if (dtype === 'complex64') tensors[name] = complex(tf, new Float32Array(await bytesAt(data, fetch)), shape);
    else tensors[name] = tf.tensor(dtype === 'string' ? strings : new ARRAYS[dtype](await bytesAt(data, fetch)), shape, dtype);
  }
  return tensors;
}

/** Real and imaginary parts come in turns; the runtime wants them apart. */
function complex(tf, pairs, shape) {
  const part = start => tf.tensor(pairs.filter((_, index) => index % 2 === start), shape, 'float32');
  return tf.tidy(() => tf.complex(part(0), part(1)));
}

async function bytesAt(url, fetch) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.arrayBuffer();
}

/**
 * Reads the values back and posts them as one body, in the order given.
 * @param {{name: string, tensor: object}[]} outputs
 * @returns {Promise<Received[]>}
 */
export async function sendOutputs(outputs, url, {fetch}) {
  const described = [];
  const parts = [];
  for (const {name, tensor} of outputs) {
    const {dtype, shape} = tensor;
    const values = await tensor.data();
    if (dtype === 'string') {
      described.push({name, dtype, shape, strings: Array.from(values)});
    } else {
      // Some kernels hand out int32 in a Float32Array, and the other way round: the page reads numbers, we read bytes.
      const plain = ARRAYS[dtype] && !(values instanceof ARRAYS[dtype]) ? ARRAYS[dtype].from(values) : values;
      described.push({name, dtype, shape, bytes: plain.byteLength});
      parts.push(plain);
    }
  }
  const response = await fetch(url, {method: 'POST', body: new Blob(parts)});
  if (!response.ok) throw new Error(`the outputs were refused: ${response.status} ${await response.text()}`);
  return described;
}

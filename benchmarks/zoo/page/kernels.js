/**
 * Tells on the console how long each kernel took, one line of JSON each. On webgl a pixel is read after every kernel, so
 * that its work is done; kernels that call kernels are told with what they called.
 */
{
  const backend = tf.getBackend();
  const pixel = new Float32Array(4);
  const finish = () => {
    if (backend !== 'webgl') return;
    const {gl} = tf.backend().getGPGPUContext();
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.FLOAT, pixel);
  };
  let depth = 0;
  const run = tf.engine().runKernel.bind(tf.engine());
  tf.engine().runKernel = (name, inputs, attrs) => {
    finish();
    const start = performance.now();
    depth += 1;
    let outputs;
    try {
      outputs = run(name, inputs, attrs);
    } finally {
      depth -= 1;
    }
    finish();
    const shapes = Object.values(inputs).flat().filter(Boolean).map(({shape}) => (shape ? shape.join('×') : '?'));
    const made = [outputs].flat().map(({shape}) => (shape ? shape.join('×') : '?'));
    console.debug(`kernel ${JSON.stringify({name, depth, milliseconds: performance.now() - start, shapes, made})}`);
    return outputs;
  };
}

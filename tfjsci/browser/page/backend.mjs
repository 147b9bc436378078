/**
 * A backend, opened or refused: TensorFlow.js falls back to another one in silence, and a GPU that is lost or
 * out of memory answers with zeros; here both are failures.
 */

/** The runtime's flags that change numbers or speed. */
const FLAGS = {
  webgl: [
    'WEBGL_VERSION', 'WEBGL_RENDER_FLOAT32_CAPABLE', 'WEBGL_RENDER_FLOAT32_ENABLED', 'WEBGL_FORCE_F16_TEXTURES', 'WEBGL_PACK',
    'WEBGL_CONV_IM2COL', 'WEBGL_EXP_CONV', 'WEBGL_CPU_FORWARD', 'WEBGL_USE_SHAPES_UNIFORMS', 'WEBGL_MAX_TEXTURE_SIZE',
  ],
  webgpu: ['WEBGPU_CPU_FORWARD', 'WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', 'WEBGPU_MATMUL_PROGRAM_TYPE', 'WEBGPU_USE_LOW_POWER_GPU'],
  wasm: ['WASM_HAS_SIMD_SUPPORT', 'WASM_HAS_MULTITHREAD_SUPPORT'],
  cpu: [],
};

const nothingToWatch = () => () => {};

/** What each backend needs before it is set, what it runs on, and how to see that it broke without saying so. */
const KINDS = {
  cpu: {
    prepare: () => {},
    renderer: () => 'JavaScript',
    watch: nothingToWatch,
  },
  wasm: {
    prepare: (job, {tf}) => {
      if (typeof WebAssembly === 'undefined') throw new Error('this browser has WebAssembly turned off');
      tf.wasm.setWasmPaths(job.runtime.wasm);
    },
    renderer: async ({tf}) => {
      const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
      const threads = simd && await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT');
      if (threads) return `wasm threaded-simd ×${tf.wasm.getThreadsCount()}`;
      return simd ? 'wasm simd' : 'wasm';
    },
    watch: nothingToWatch,
  },
  webgl: {
    // Reading values back polls a fence with setTimeout, which browsers stretch to 4 ms when nested: every run would seem
    // to take 5 ms at least. This flag of the runtime's own polls without the stretch, and keeps a core busy with it, which a
    // software GPU could use: so only where time is measured.
    prepare: (job, {tf}) => tf.env().set('USE_SETTIMEOUTCUSTOM', job.kind === 'time'),
    renderer: ({tf}) => {
      const {gl} = tf.backend().getGPGPUContext();
      const unmasked = gl.getExtension('WEBGL_debug_renderer_info');
      return String(gl.getParameter(unmasked ? unmasked.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
    },
    watch: ({tf}) => {
      const {gl} = tf.backend().getGPGPUContext();
      return () => {
        if (gl.isContextLost()) throw new Error('the WebGL context was lost: the GPU process died or ran out of memory');
        const code = gl.getError();
        if (code === gl.OUT_OF_MEMORY) throw new Error('WebGL ran out of memory');
      };
    },
  },
  webgpu: {
    prepare: async (job, {navigator}) => {
      if (!navigator.gpu) throw new Error('this browser has WebGPU turned off (navigator.gpu is missing)');
      if (!await navigator.gpu.requestAdapter({powerPreference: 'high-performance'})) {
        throw new Error('the browser found no WebGPU adapter');
      }
    },
    renderer: async ({tf, navigator}) => {
      const {info} = tf.backend().device.adapterInfo
        ? {info: tf.backend().device.adapterInfo}
        : await navigator.gpu.requestAdapter({powerPreference: 'high-performance'});
      return [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(' ') || 'unnamed adapter';
    },
    watch: ({tf}) => {
      const {device} = tf.backend();
      const complaints = [];
      device.addEventListener('uncapturederror', event => complaints.push(event.error.message));
      device.lost.then(({reason, message}) => complaints.push(`the WebGPU device was lost (${reason}): ${message}`));
      return () => {
        if (complaints.length) throw new Error(complaints.slice(0, 3).join('\n'));
      };
    },
  },
};

/**
 * @param {import('./jobs.mjs').Job} job
 * @param {import('./jobs.mjs').World} world
 * @returns {Promise<{stillSound: () => void, describe: () => Promise<object>}>}
 */
export async function openBackend(job, world) {
  const {tf, navigator} = world;
  const kind = KINDS[job.backend];
  await kind.prepare(job, world);
  const accepted = await tf.setBackend(job.backend);
  await tf.ready();
  if (!accepted || tf.getBackend() !== job.backend) {
    throw new Error(`asked for ${job.backend}, TensorFlow.js chose ${tf.getBackend() || 'none'}`);
  }
  const stillSound = kind.watch(world);
  const describe = async () => ({
    backend: tf.getBackend(),
    tfjs: tf.version.tfjs,
    renderer: await kind.renderer(world),
    cores: navigator.hardwareConcurrency,
    flags: Object.fromEntries(await Promise.all(
        FLAGS[job.backend].map(async name => [name, String(await tf.env().getAsync(name))]))),
  });
  return {stillSound, describe};
}

/**
 * Raw milliseconds: load, first inference, warm-up, steady runs. Several models take turns (a b, b a, a b …), so that
 * a drift of the machine meets them alike. One run ends when the values have been read, so that the GPU has finished.
 */

import {during} from './failure.mjs';
import {receiveInputs} from './tensors.mjs';

export async function time(job, world) {
  const {tf, now} = world;
  const inputs = await during('inputs', () => receiveInputs(job.inputs[0], world));

  const measured = async work => {
    const start = now();
    const value = await work();
    return [now() - start, value];
  };

  const lanes = [];
  for (const url of job.models) {
    const [load_ms, model] = await measured(() => world.load(url));
    await during('inputs', () => model.check(inputs));
    lanes.push({model, timing: {load_ms}, grown: {tensors: 0, bytes: 0}});
  }

  /** Milliseconds of one run; what it leaves behind is added to the lane's `grown`. */
  const run = async lane => {
    const before = memoryOf(tf);
    const [milliseconds, outputs] = await measured(async () => {
      const outputs = await lane.model.run(inputs);
      await during('outputs', () => Promise.all(outputs.map(({tensor}) => tensor.data())));
      return outputs;
    });
    lane.model.release(outputs, inputs);
    const after = memoryOf(tf);
    lane.grown.tensors += after.tensors - before.tensors;
    lane.grown.bytes += after.bytes - before.bytes;
    return milliseconds;
  };

  for (const lane of lanes) lane.timing.first_inference_ms = await run(lane);
  for (const lane of lanes) lane.timing.warmup_ms = [];
  await interleaved(lanes, job.warmup, async lane => lane.timing.warmup_ms.push(await run(lane)));

  const before = memoryOf(tf);
  for (const lane of lanes) {
    lane.timing.steady_ms = [];
    lane.grown = {tensors: 0, bytes: 0};
  }
  await interleaved(lanes, job.runs, async lane => lane.timing.steady_ms.push(await run(lane)));

  return {
    // The page's memory is all lanes' together: each is charged with what its own runs left behind.
    timings: lanes.map(({timing, grown}) => ({
      ...timing,
      memory_before: before,
      memory_after: {tensors: before.tensors + grown.tensors, bytes: before.bytes + grown.bytes},
    })),
    async: lanes.some(({model}) => model.isAsync()),
  };
}

async function interleaved(lanes, rounds, turn) {
  for (let round = 0; round < rounds; round += 1) {
    for (const lane of round % 2 ? [...lanes].reverse() : lanes) await turn(lane);
  }
}

function memoryOf(tf) {
  const {numTensors, numBytes} = tf.memory();
  return {tensors: numTensors, bytes: numBytes};
}

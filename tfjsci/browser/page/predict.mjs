/** The outputs for each set of inputs, one body posted per set; nothing is timed. */

import {during} from './failure.mjs';
import {receiveInputs, sendOutputs} from './tensors.mjs';

export async function predict(job, world) {
  const model = await world.load(job.models[0]);
  const predictions = [];
  for (const [index, sent] of job.inputs.entries()) {
    const inputs = await during('inputs', () => receiveInputs(sent, world));
    await during('inputs', () => model.check(inputs));
    const outputs = await model.run(inputs);
    predictions.push(await during('outputs', () => sendOutputs(outputs, job.outputs + index, world)));
    model.release(outputs, inputs);
    for (const tensor of Object.values(inputs)) tensor.dispose();
  }
  return {predictions, async: model.isAsync()};
}

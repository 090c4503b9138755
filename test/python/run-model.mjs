// Runs a model on uint8 values from stdin, and writes float32 to stdout: run-model.mjs MODEL INPUT OUTPUT SHAPE...
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [, , path, input, output, ...shape] = process.argv;
const session = await InferenceSession.create(path);
const values = new Tensor('uint8', new Uint8Array(readFileSync(0)), shape.map(Number));
const { data } = (await session.run({ [input]: values }))[output];
process.stdout.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));

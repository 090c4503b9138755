// What the package itself says of a picture: node package.mjs FACE-API-FOLDER INPUT.json. Its TensorFlow.js is that of browsers, on the processor.
//
// INPUT has pixels of the detector, of the landmarks and of the recognition network, and a whole picture; JSON goes to stdout.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Else it asks for what Node's older versions had.
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: undefined } });
globalThis.window ??= globalThis;
const [folder, path] = process.argv.slice(2);
const log = console.log;
console.log = () => {};
const { env, tf, nets, TinyFaceDetectorOptions, detectSingleFace } = await import(
  pathToFileURL(join(folder, 'dist', 'face-api.esm.js')).href
);
tf.env().setPlatform('plain', {
  now: () => performance.now(),
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes) => new TextDecoder().decode(bytes),
  isTypedArray: (value) => ArrayBuffer.isView(value) && !(value instanceof DataView),
});
const none = class {};
env.setEnv({ Canvas: none, CanvasRenderingContext2D: none, Image: none, ImageData: none, Video: none });
await tf.setBackend('cpu');
await tf.ready();
const load = (net, model) => {
  const [{ weights, paths }] = JSON.parse(
    readFileSync(join(folder, 'model', `${model}_model-weights_manifest.json`), 'utf8'),
  );
  const bytes = Buffer.concat(paths.map((each) => readFileSync(join(folder, 'model', each))));
  net.loadFromWeightMap(
    tf.io.decodeWeights(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), weights),
  );
};
load(nets.tinyFaceDetector, 'tiny_face_detector');
load(nets.faceLandmark68Net, 'face_landmark_68');
load(nets.faceRecognitionNet, 'face_recognition');
const given = JSON.parse(readFileSync(path, 'utf8'));
const tensor = ({ height, width, pixels }) => tf.tensor3d(Buffer.from(pixels, 'base64'), [height, width, 3], 'int32');
const cells = await nets.tinyFaceDetector.forward(tensor(given.detector).expandDims(), 416);
const places = await nets.faceLandmark68Net.forward(tensor(given.landmarks).expandDims());
const descriptor = await nets.faceRecognitionNet.computeFaceDescriptor(tensor(given.recognition));
const found = await detectSingleFace(tensor(given.picture), new TinyFaceDetectorOptions()).withFaceLandmarks();
log(
  JSON.stringify({
    cells: [...cells.dataSync()],
    places: [...places.dataSync()],
    descriptor: [...descriptor],
    box: found.detection.box,
    landmarks: found.landmarks.positions.map(({ x, y }) => ({ x, y })),
  }),
);

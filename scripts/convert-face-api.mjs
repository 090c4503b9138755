// Writes the face recognition network of the installed package @vladmandic/face-api as an ONNX file: node scripts/convert-face-api.mjs FILE
//
// Pictures of faces, bytes [batch, 150, 150, 3], to descriptors [batch, 128]. Nothing of the package is part of Kindred: its weights are read
// where npm put them.
import { writeFileSync } from 'node:fs';
import { faceRecognition } from 'kindred/readers/faces/recognition';

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error('Name the file to write: node scripts/convert-face-api.mjs face-recognition.onnx');
  process.exit(2);
}
try {
  writeFileSync(path, faceRecognition());
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

// Runs inside the virtual machine: pictures of its virtual camera, /dev/video0, through ffmpeg, at the press of a button.
// It tells what it saw; video.test.ts says what that should be.
import { announcements, imageData, press, startAgent } from './house.mjs';
import { drive, processesOf, stop, tell } from './machine.mjs';

drive(17, 1);
const agent = await startAgent('video.yaml');
for (let times = 0; times < 2; times++) {
  await press(17, 'gpio17');
  // The button's cooldown.
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
tell('announcements', announcements());
tell(
  'images',
  announcements().map(({ key }) => imageData(key).toString('base64')),
);
tell('exit code', await stop(agent));
tell('ffmpegs after the stop', processesOf('ffmpeg').length);
tell('end', true);
process.exit();

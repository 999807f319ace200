import type { Adoption } from '../adopt/adoption';
import { printable, sizeText, table } from './words';

/** How many of the keys that were left out are named. */
const namedAtMost = 5;

interface Ending {
  move: boolean;
  dryRun: boolean;
  interrupted: boolean;
}

/** Prints the cameras found, and what they are called from now on. */
export function tellCameras({ cameras }: Adoption): void {
  if (cameras.size === 0) return;
  const sorted = [...cameras.values()].sort((a, b) => a.from.localeCompare(b.from, 'en', { numeric: true }));
  const rows = sorted.map(({ layout, from, camera, images, known }) => [
    printable(from),
    layout,
    camera,
    number(images),
    number(known),
  ]);
  console.log(table([['CAMERA', 'LAYOUT', 'IN LUXCAM', 'IMAGES', 'HERE ALREADY'], ...rows], [3, 4]));
}

/** Prints what was done. */
export function tellEnd(adoption: Adoption, { move, dryRun, interrupted }: Ending): void {
  const { cameras, adopted, bytes, here, expired, deleted, kept, leftOut } = adoption;
  if (cameras.size === 0 && !interrupted) {
    console.error('There are no images of older programs.');
    return;
  }
  const would = dryRun ? 'would be ' : '';
  const known = [...cameras.values()].reduce((sum, camera) => sum + camera.known, here);
  const parts = [`${number(adopted)} ${would}adopted (${sizeText(bytes)})`];
  if (known > 0) parts.push(`${number(known)} here already`);
  if (expired > 0) parts.push(`${number(expired)} expired meanwhile`);
  if (move) parts.push(`${number(deleted)} ${would}deleted where they lay before`);
  console.log(`Images: ${parts.join(', ')}`);
  if (kept > 0) console.error(`Not deleted where they lay, because their copies are gone from luxcam: ${number(kept)}`);
  if (leftOut.size > 0) console.error(`Left out: ${number(leftOut.size)}`);
  for (const [key, why] of [...leftOut].slice(0, namedAtMost)) console.error(`  ${printable(`${key}: ${why}`)}`);
  if (leftOut.size > namedAtMost) console.error('  ... --json names them all');
  if (interrupted) console.error("Interrupted: run 'luxcam adopt' again to go on");
}

/** What was done, for other programs. */
export function adoptionJson(
  { cameras, adopted, bytes, here, expired, deleted, kept, leftOut }: Adoption,
  interrupted: boolean,
) {
  return {
    adopted,
    bytes,
    here,
    expired,
    deleted,
    kept,
    left_out: [...leftOut].map(([key, reason]) => ({ key, reason })),
    interrupted,
    cameras: [...cameras.values()],
  };
}

function number(count: number): string {
  return count.toLocaleString('en');
}

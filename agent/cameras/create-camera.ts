import type { Logger } from 'pino';
import type { SourceSettings } from '../config';
import type { Camera } from './camera';
import { FfmpegCamera } from './ffmpeg';
import { FolderCamera } from './folder';
import { HttpCamera } from './http';
import { RpicamCamera } from './rpicam';
import { SimulatedCamera } from './simulated';

/** Builds the camera that a source's settings describe. */
export function createCamera(name: string, settings: SourceSettings, log: Logger): Camera {
  switch (settings.type) {
    case 'rpicam':
      return new RpicamCamera({ name, settings, log });
    case 'ffmpeg':
      return new FfmpegCamera({ name, settings, log });
    case 'http':
      return new HttpCamera({ name, settings, log });
    case 'folder':
      return new FolderCamera({ name, settings, log });
    case 'simulated':
      return new SimulatedCamera({ name, settings, log });
  }
}

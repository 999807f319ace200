import type { Logger } from 'pino';
import type { SourceSettings } from '../config';
import type { Camera } from './camera';
import { CommandCamera } from './command';
import { FfmpegCamera } from './ffmpeg';
import { FolderCamera } from './folder';
import { HttpCamera } from './http';
import { RpicamOneShotCamera } from './rpicam-one-shot';
import { RpicamWarmCamera } from './rpicam-warm';
import { SimulatedCamera } from './simulated';

/** Builds the camera that a source's settings describe. */
export function createCamera(name: string, settings: SourceSettings, log: Logger): Camera {
  switch (settings.type) {
    case 'rpicam':
      return settings.mode === 'warm'
        ? new RpicamWarmCamera({ name, settings, log })
        : new RpicamOneShotCamera({ name, settings });
    case 'ffmpeg':
      return new FfmpegCamera({ name, settings, log });
    case 'http':
      return new HttpCamera({ name, settings, log });
    case 'folder':
      return new FolderCamera({ name, settings, log });
    case 'command':
      return new CommandCamera({ name, settings });
    case 'simulated':
      return new SimulatedCamera({ name, settings, log });
  }
}

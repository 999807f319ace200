import { drift } from './chance';
import { step } from './colour';
import { dayOfYear } from './sun';

/** What the sky does; each share is 0 to 1. */
export interface Weather {
  clouds: number;
  rain: number;
  snow: number;
  mist: number;
  /** How much of the ground lies under snow. */
  snowCover: number;
  wind: number;
}

/** The words for the weather, as they stand in the metadata of an image. */
export const weatherNames = ['clear', 'clouds', 'overcast', 'rain', 'mist', 'snow'] as const;
export type WeatherName = (typeof weatherNames)[number];

const hour = 3_600_000;

/** The weather of a moment: it drifts over hours, is the same for all cameras, and always the same for the same time. */
export function weatherAt(time: Date): Weather {
  const hours = time.getTime() / hour;
  const cloudiness = 0.7 * drift('clouds', hours / 5) + 0.3 * drift('cloud', hours / 1.3);
  const wetness = step(0.66, 0.86, 0.75 * drift('wet', hours / 4) + 0.25 * drift('shower', hours));
  const winter = step(325, 350, dayOfYear(time)) + step(75, 55, dayOfYear(time));
  const cold = winter * step(0.3, 0.55, drift('cold', hours / 60));
  const morning = step(4, 6, time.getHours()) * step(11, 8.5, time.getHours() + time.getMinutes() / 60);
  return {
    clouds: Math.max(step(0.28, 0.8, cloudiness), step(0, 0.4, wetness)),
    rain: cold > 0.5 ? 0 : wetness,
    snow: cold > 0.5 ? wetness : 0,
    mist: Math.max(morning * step(0.5, 0.8, drift('mist', hours / 7)), 0.35 * wetness),
    snowCover: cold > 0 ? step(0.35, 0.6, drift('snow cover', hours / 50)) * cold : 0,
    wind: 0.15 + 0.85 * drift('wind', hours / 3),
  };
}

/** The one word for a weather. */
export function weatherName(weather: Weather): WeatherName {
  if (weather.snow > 0.15) return 'snow';
  if (weather.rain > 0.15) return 'rain';
  if (weather.mist > 0.45) return 'mist';
  if (weather.clouds > 0.75) return 'overcast';
  return weather.clouds > 0.22 ? 'clouds' : 'clear';
}

/** A typical weather of that name, to ask for a scene in it. */
export function typicalWeather(name: WeatherName): Weather {
  const clear: Weather = { clouds: 0.08, rain: 0, snow: 0, mist: 0, snowCover: 0, wind: 0.4 };
  const changes: Record<WeatherName, Partial<Weather>> = {
    clear: {},
    clouds: { clouds: 0.5 },
    overcast: { clouds: 1 },
    rain: { clouds: 1, rain: 0.8, mist: 0.25 },
    mist: { clouds: 0.3, mist: 0.9 },
    snow: { clouds: 0.95, snow: 0.8, snowCover: 1, mist: 0.2 },
  };
  return { ...clear, ...changes[name] };
}

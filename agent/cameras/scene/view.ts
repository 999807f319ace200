import { chance } from './chance';
import { type Light, lightAt } from './light';
import { type Season, seasonAt } from './season';
import { hourOf } from './sun';
import type { Weather } from './weather';

/** All that a place is drawn from: one moment, seen by one camera. */
export interface View {
  name: string;
  time: Date;
  /** Unix seconds with a fraction: what moves, moves with it. */
  seconds: number;
  /** Hours since local midnight. */
  hour: number;
  weather: Weather;
  light: Light;
  season: Season;
  /** Numbers by chance for one part of the picture: always the same for this camera. */
  random(part: string): () => number;
}

/** The view of the camera `name` at a time and in a weather. */
export function viewOf(name: string, time: Date, weather: Weather): View {
  return {
    name,
    time,
    seconds: time.getTime() / 1000,
    hour: hourOf(time),
    weather,
    light: lightAt(time, weather),
    season: seasonAt(time, weather),
    random: (part) => chance(`${name}/${part}`),
  };
}

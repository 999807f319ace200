import { chance } from './chance';
import { overlay } from './overlay';
import { driveway, horizon as drivewayHorizon } from './places/driveway';
import { garden, horizon as gardenHorizon } from './places/garden';
import { lake, horizon as lakeHorizon } from './places/lake';
import { type Palette, paletteOf } from './places/palette';
import { street, horizon as streetHorizon } from './places/street';
import { radial, vertical } from './shapes';
import { lens } from './sky';
import { luxAt } from './sun';
import { type View, viewOf } from './view';
import { type Weather, type WeatherName, weatherAt, weatherName } from './weather';

/** A picture that is not yet rendered. */
export interface Scene {
  svg: string;
  lux: number;
  weather: WeatherName;
}

interface Place {
  /** Words in a camera's name that ask for this place. */
  words: RegExp;
  horizon: number;
  draw(view: View, palette: Palette): string;
}

const places: readonly Place[] = [
  { words: /front|street|door|gate|road/, horizon: streetHorizon, draw: street },
  { words: /garden|yard|lawn|terrace|patio/, horizon: gardenHorizon, draw: garden },
  { words: /garage|drive|car|entrance/, horizon: drivewayHorizon, draw: driveway },
  { words: /lake|water|boat|jetty|cabin/, horizon: lakeHorizon, draw: lake },
];

/**
 * Draws what the camera `name` sees at a time (its local hours count): an SVG of width x height pixels that needs no
 * fonts, and the light in lux. The name chooses place and colours; time alone decides the rest, unless a weather is given.
 */
export function scene(time: Date, name: string, width = 1280, height = 720, weather: Weather = weatherAt(time)): Scene {
  const view = viewOf(name, time, weather);
  const place = placeOf(name);
  // Half of the cameras look the other way, so that two of them at one place differ at first sight.
  const turned = view.random('turned')() < 0.5 ? '' : ' transform="translate(1280 0) scale(-1 1)"';
  const lux = luxAt(view.light.elevation, weather);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
<svg width="${width}" height="${height}" viewBox="0 0 1280 720" preserveAspectRatio="xMidYMid slice">${paints}<g${turned}>${place.draw(view, paletteOf(name))}${lens(view, place.horizon)}</g></svg>
${overlay(time, lux, width, height)}</svg>`;
  return { svg, lux, weather: weatherName(weather) };
}

function placeOf(name: string): Place {
  const byChance = places[Math.floor(chance(`place ${name}`)() * places.length)];
  const place = places.find(({ words }) => words.test(name)) ?? byChance;
  if (place === undefined) throw new RangeError('there are no places');
  return place;
}

/** The paints that all places share. */
const paints =
  radial('shadow', [
    [0, '#070a16', 0.55],
    [0.6, '#070a16', 0.32],
    [1, '#070a16', 0],
  ]) +
  radial('lamplight', [
    [0, '#ffe2a6', 0.85],
    [0.18, '#ffc772', 0.42],
    [0.5, '#ffab4d', 0.13],
    [1, '#ff9a3d', 0],
  ]) +
  radial('taillight', [
    [0, '#ff6a50', 0.8],
    [0.3, '#ff3a2a', 0.3],
    [1, '#ff2a1a', 0],
  ]) +
  vertical('cone', [
    [0, '#ffdc9a', 0.24],
    [1, '#ffc36a', 0],
  ]) +
  '<linearGradient id="beam"><stop offset="0" stop-color="#fff2cc" stop-opacity=".5"/><stop offset="1" stop-color="#fff2cc" stop-opacity="0"/></linearGradient>';

import { hostname } from 'node:os';
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { cameraNameSchema } from '../core/image';
import { messageOf } from '../core/luxcam-error';
import { misfit, type RedisPlace, redisAddress } from '../core/redis-address';
import { brokerAddress } from './broker-connection';
import { commandSettings } from './cameras/command';
import { ffmpegSettings } from './cameras/ffmpeg';
import { folderSettings } from './cameras/folder';
import { httpSettings } from './cameras/http';
import { rpicamSettings } from './cameras/rpicam-settings';
import { simulatedSettings } from './cameras/simulated';
import { certificatesSchema } from './certificate-settings';
import { gallerySettingsSchema } from './gallery-settings';
import { gpioBackendSchema } from './gpio/create-line';
import { liveSettingsSchema } from './live/live-settings';
import { metricsSettingsSchema, warningSettingsSchema } from './monitoring-settings';
import { buttonSettingsSchema, gpioSettingsSchema } from './triggers/gpio';
import { pirSettingsSchema } from './triggers/pir';
import { eachLineOnce } from './triggers/shared-lines';
import { timerSettingsSchema } from './triggers/timer';
import { durationSchema, sizeSchema } from './units';

const sourceSchema = z.discriminatedUnion('type', [
  rpicamSettings,
  ffmpegSettings,
  httpSettings,
  folderSettings,
  commandSettings,
  simulatedSettings,
]);
export type SourceSettings = z.infer<typeof sourceSchema>;

const triggerSchema = z.discriminatedUnion('type', [
  timerSettingsSchema,
  buttonSettingsSchema,
  pirSettingsSchema,
  gpioSettingsSchema,
]);
export type TriggerSettings = z.infer<typeof triggerSchema>;

const cameraSchema = z
  .strictObject({
    source: sourceSchema,
    /** How long an image lives, in milliseconds. */
    ttl: durationSchema.prefault('1h'),
    /** How long one picture may take, in milliseconds. */
    timeout: durationSchema.prefault('10s'),
    triggers: z.array(triggerSchema).default([]),
    /** What it sends while somebody looks at it live; absent: nobody can. */
    live: liveSettingsSchema.optional(),
  })
  .refine(({ source, live }) => live === undefined || source.type !== 'rpicam' || source.mode === 'warm', {
    path: ['live'],
    message: "a camera that is off between captures can't be looked at live: give its source mode: warm",
  });
export type CameraSettings = z.infer<typeof cameraSchema>;

const topicSchema = z
  .string()
  .regex(/^[^#+$/\s][^#+\s]*[^#+/\s]$|^[^#+$/\s]$/, 'the first part of a topic has no #, +, blanks, or / at its ends');

/** The whole of `luxcam.yaml`: types, defaults, bounds and messages stand here and in the schemas it is made of. */
export const configurationSchema = z.strictObject({
  agent: z
    .strictObject({
      name: cameraNameSchema.default(hostName()),
      /** Where images wait while Redis is away, and how many bytes they may take. */
      spool: z
        .strictObject({ path: z.string().min(1).default('./spool'), max_size: sizeSchema.prefault('512MB') })
        .prefault({}),
      /** How GPIO lines are watched. */
      gpio: z.strictObject({ backend: gpioBackendSchema.default('auto') }).prefault({}),
    })
    .prefault({}),
  redis: z
    .strictObject({
      url: z.string().default('redis://localhost:6379').superRefine(acceptedBy(redisAddress)),
      prefix: z.string().default(''),
      /** Whether it is a Redis Cluster; \`url\` may name several of its nodes then. */
      cluster: z.boolean().default(false),
      tls: certificatesSchema.optional(),
    })
    .superRefine(redisFits)
    .prefault({}),
  mqtt: z
    .strictObject({
      url: z.string().default('mqtt://localhost:1883').superRefine(acceptedBy(brokerAddress)),
      tls: certificatesSchema.optional(),
      base: topicSchema.default('luxcam'),
      protocol_version: z.union([z.literal(4), z.literal(5)]).default(5),
      /** The first part of Home Assistant's discovery topics; false if it is to know nothing of the cameras. */
      discovery: z
        .union(
          [topicSchema, z.literal(false)],
          "discovery is the first part of Home Assistant's topics (homeassistant), or false",
        )
        .default('homeassistant'),
    })
    .refine(({ url, tls }) => tls === undefined || /^(mqtts|wss):/.test(url), {
      path: ['tls'],
      message: 'certificates are for mqtts:// and wss:// alone: write mqtts:// in the URL',
    })
    .prefault({}),
  gallery: gallerySettingsSchema.prefault({}),
  metrics: metricsSettingsSchema.optional(),
  warnings: warningSettingsSchema.prefault({}),
  cameras: z
    .record(cameraNameSchema, cameraSchema)
    .refine((cameras) => Object.keys(cameras).length > 0, { message: 'there is no camera: add at least one' })
    .superRefine(eachLineOnce),
});
export type Configuration = z.infer<typeof configurationSchema>;

/** The same for who only looks at images: on another machine than the cameras', the file may have none. */
export const readerConfigurationSchema: z.ZodType<Configuration> = configurationSchema.extend({
  cameras: z.record(cameraNameSchema, cameraSchema).default({}),
});

/** A configuration that can't be used: every mistake with its place. */
export class ConfigurationError extends Error {
  readonly mistakes: string[];

  constructor(file: string, mistakes: string[]) {
    super(`${file} can't be used:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
    this.name = 'ConfigurationError';
    this.mistakes = mistakes;
  }
}

/**
 * Reads the text of a configuration file. `defaults` fills in the addresses that the file leaves out.
 * Throws a ConfigurationError that lists every mistake with its path and line.
 */
export function parseConfiguration(
  text: string,
  file: string,
  defaults: { redisUrl?: string; mqttUrl?: string } = {},
  schema: z.ZodType<Configuration> = configurationSchema,
): Configuration {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    throw new ConfigurationError(
      file,
      document.errors.map((error) => `line ${lines.linePos(error.pos[0]).line}: ${error.message.split('\n')[0]}`),
    );
  }
  const result = schema.safeParse(withDefaults(document.toJS() ?? {}, defaults), { reportInput: true });
  if (result.success) return result.data;
  const lineOf = (path: PropertyKey[]): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const place = document.getIn(path.slice(0, length - 1), true);
      const pair = isMap(place) && place.items.find(({ key }) => isScalar(key) && key.value === path[length - 1]);
      const node = pair ? pair.key : document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  const mistakes = result.error.issues.map((issue) => {
    const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
    return `line ${lineOf(path)}, ${path.join('.') || 'the file'}: ${describe(issue)}`;
  });
  throw new ConfigurationError(file, mistakes);
}

const looseSchema = z.looseObject({ redis: z.looseObject({}).optional(), mqtt: z.looseObject({}).optional() });

function withDefaults(content: unknown, { redisUrl, mqttUrl }: { redisUrl?: string; mqttUrl?: string }): unknown {
  const loose = looseSchema.safeParse(content);
  if (!loose.success) return content;
  return {
    ...loose.data,
    redis: { ...(redisUrl && { url: redisUrl }), ...loose.data.redis },
    mqtt: { ...(mqttUrl && { url: mqttUrl }), ...loose.data.mqtt },
  };
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return 'there is no such setting: is it spelled right, and at the right place?';
  if (issue.code === 'invalid_union' && issue.discriminator === 'type') {
    const known = issue.path[2] === 'source' ? sourceSchema : triggerSchema;
    return `there is no such type, choose one of ${known.options.map((option) => option.shape.type.value).join(', ')}`;
  }
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => inner.message).join('; ');
  if (issue.code === 'invalid_type' && issue.input === undefined) return `it is missing (${issue.expected})`;
  if (issue.code === 'invalid_union') return issue.errors.flat().map(describe).join(', or ');
  return issue.message;
}

/** Says which of Redis' settings does not fit the others; a URL that is none has been complained of. */
function redisFits(settings: RedisPlace, context: z.RefinementCtx): void {
  if (context.issues.length > 0) return;
  const fault = misfit(settings);
  if (fault !== undefined) context.addIssue({ code: 'custom', path: [fault.setting], message: fault.message });
}

/** A check by a function that throws an error in words. */
function acceptedBy(check: (text: string) => unknown) {
  return (text: string, context: z.RefinementCtx) => {
    try {
      check(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
    }
  };
}

/** This machine's name as an agent's name. */
function hostName(): string {
  const name = hostname()
    .toLowerCase()
    .replace(/\..*$/, '')
    .replace(/[^a-z0-9_-]/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64);
  return name === '' || name === 'agents' ? 'luxcam' : name;
}

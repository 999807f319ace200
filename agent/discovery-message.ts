import type { Topics } from '../core/topics';
import type { CameraSettings } from './config';

/** What a camera's discovery message is made of. */
export interface DiscoveryParts {
  camera: string;
  settings: CameraSettings;
  agent: string;
  topics: Topics;
  /** Where the gallery is mounted, with a slash at its end; without it Home Assistant shows the thumbnail. */
  galleryUrl: string | undefined;
  /** Whether the agent warns of anything. */
  warns: boolean;
}

/** Where a camera's discovery message goes. Home Assistant allows only letters, digits, _ and - in its third level. */
export function discoveryTopic(prefix: string, topics: Topics, camera: string): string {
  return `${prefix}/device/${deviceId(topics, camera)}/config`;
}

/**
 * A camera as a device of Home Assistant, by the rules of its MQTT discovery: `dev`, `o` and `cmps` must be there, `p`
 * and `unique_id` in each component; of the root's keys a component inherits availability, topics, qos and encoding.
 * https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload
 */
export function discoveryMessage(parts: DiscoveryParts) {
  const { camera, settings, agent, topics, galleryUrl, warns } = parts;
  const id = deviceId(topics, camera);
  const state = { state_topic: topics.state(camera) };
  const agentOnline = { topic: topics.agentStatus(agent) };
  // A camera is offline until a capture succeeds: what asks for one, or changes the timer, must not be locked with it.
  const withoutCamera = { availability: [agentOnline] };
  const motion = settings.triggers.some((trigger) => trigger.type === 'pir');
  const timers = settings.triggers.filter((trigger) => trigger.type === 'timer');
  // A timer by the calendar has no interval that could be changed.
  const interval = timers.some((timer) => timer.every !== undefined);
  const component = (name: string, platform: string, rest: object) => ({
    [name]: { p: platform, unique_id: `${id}_${name}`, ...rest },
  });
  return {
    dev: {
      identifiers: [id],
      name: readable(camera),
      manufacturer: 'luxcam',
      model: `${settings.source.type} camera of ${agent}`,
      ...(galleryUrl !== undefined && { configuration_url: galleryUrl }),
    },
    o: { name: 'luxcam' },
    availability: [agentOnline, { topic: topics.availability(camera) }],
    availability_mode: 'all',
    qos: 1,
    cmps: {
      // Without a name of its own the image is called as its device: `image.front_door`.
      ...component('image', 'image', { name: null, ...imageTopics(topics, camera, galleryUrl) }),
      ...component('take_picture', 'button', {
        name: 'Take picture',
        icon: 'mdi:camera',
        command_topic: topics.capture(camera),
        payload_press: '{}',
        ...withoutCamera,
      }),
      ...component('illuminance', 'sensor', {
        name: 'Illuminance',
        device_class: 'illuminance',
        state_class: 'measurement',
        unit_of_measurement: 'lx',
        value_template: '{{ value_json.lux }}',
        ...state,
      }),
      ...component('last_capture', 'sensor', {
        name: 'Last capture',
        device_class: 'timestamp',
        value_template: '{{ value_json.last_capture }}',
        ...state,
      }),
      ...component('capture', 'event', {
        name: 'Capture',
        icon: 'mdi:camera-image',
        event_types: ['captured', 'failed', 'spooled', 'pinned', 'unpinned', 'deleted'],
        state_topic: topics.event(camera),
        value_template: eventTemplate,
      }),
      ...(motion &&
        component('motion', 'binary_sensor', {
          name: 'Motion',
          device_class: 'motion',
          value_template: '{{ value_json.motion }}',
          ...state,
        })),
      ...(warns &&
        component('problem', 'binary_sensor', {
          name: 'Problem',
          device_class: 'problem',
          entity_category: 'diagnostic',
          value_template: "{{ 'ON' if value_json.warnings else 'OFF' }}",
          json_attributes_topic: topics.state(camera),
          json_attributes_template: "{{ {'warnings': value_json.warnings} | to_json }}",
          ...state,
          ...withoutCamera,
        })),
      ...(interval &&
        component('interval', 'number', {
          name: 'Interval',
          device_class: 'duration',
          unit_of_measurement: 's',
          mode: 'box',
          min: 0.1,
          max: 31_536_000,
          step: 0.1,
          entity_category: 'config',
          command_topic: topics.set(camera, 'interval'),
          value_template: '{{ value_json.interval }}',
          ...state,
          ...withoutCamera,
        })),
      ...(timers.length > 0 &&
        component('timer', 'switch', {
          name: 'Timer',
          icon: 'mdi:camera-timer',
          entity_category: 'config',
          command_topic: topics.set(camera, 'timer'),
          value_template: '{{ value_json.timer }}',
          ...state,
          ...withoutCamera,
        })),
    },
  };
}

/**
 * An event entity wants JSON with `event_type`; the other fields become its attributes. `meta` is not among them: Home
 * Assistant records no attributes of more than 16 KB.
 */
const eventTemplate = `{{ {'event_type': value_json.event, ${[
  'id',
  'captured_at',
  'trigger',
  'trigger_source',
  'lux',
  'transaction',
  'error',
]
  .map((field) => `'${field}': value_json.get('${field}')`)
  .join(', ')}} | to_json }}`;

/** `latest` is retained, so that the image is there again after a restart of Home Assistant. */
function imageTopics(topics: Topics, camera: string, galleryUrl: string | undefined): object {
  if (galleryUrl === undefined) return { image_topic: topics.thumbnail(camera), content_type: 'image/jpeg' };
  return { url_topic: topics.latest(camera), url_template: `${galleryUrl}images/{{ value_json.id }}` };
}

function deviceId(topics: Topics, camera: string): string {
  return `${topics.base}_${camera}`.replace(/[^a-zA-Z0-9_-]/g, '_');
}

/** `front_door` as a person writes it: `Front door`. */
function readable(camera: string): string {
  const words = camera.replace(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

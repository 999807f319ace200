import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { IndexTrimmer } from '../core/index-trimmer';
import { messageOf } from '../core/luxcam-error';
import { RedisConnection } from '../core/redis-connection';
import { RedisImageStore } from '../core/redis-image-store';
import { Topics } from '../core/topics';
import { Announcer } from './announcer';
import { BrokerConnection } from './broker-connection';
import { CameraReport } from './camera-report';
import { createCamera } from './cameras/create-camera';
import { CaptureCommands } from './capture-commands';
import { CaptureService } from './capture-service';
import type { CameraSettings, Configuration, TriggerSettings } from './config';
import { HomeAssistant } from './home-assistant';
import { ImageKeeper } from './image-keeper';
import { Spool } from './spool';
import { createTrigger } from './triggers/create-trigger';
import type { Trigger } from './triggers/trigger';
import { within } from './within';

/** How long a stop waits for the broker to acknowledge what was captured, in milliseconds. */
const stopPatience = 5000;

/** How long a stop waits for a last answer of a broker or Redis that may hang, in milliseconds. */
const lastPatience = 2000;

/** The process beside the cameras: builds everything from the configuration, starts it and stops it in order. */
export class Agent {
  private readonly configuration: Configuration;
  private readonly log: Logger;
  private readonly connection: RedisConnection;
  private readonly store: RedisImageStore;
  private readonly trimmer: IndexTrimmer;
  private readonly broker: BrokerConnection;
  private readonly announcer: Announcer;
  private readonly topics: Topics;
  /** Absent if Home Assistant is to know nothing of the cameras. */
  private readonly homeAssistant: HomeAssistant | undefined;
  private readonly services: CaptureService[];
  private readonly keepers: ImageKeeper[] = [];
  private readonly reports: CameraReport[] = [];
  private readonly triggers: Trigger[] = [];

  constructor(configuration: Configuration, log: Logger) {
    const { agent, redis, mqtt, gallery, cameras } = configuration;
    this.configuration = configuration;
    this.log = log;
    this.topics = new Topics(mqtt.base);
    this.connection = new RedisConnection(redis);
    this.store = new RedisImageStore({ connection: this.connection, outbox: agent.name, ownsCameras: true });
    this.trimmer = new IndexTrimmer(this.store, (message) => log.warn(message));
    const commands = new CaptureCommands({ topics: this.topics, agent: agent.name, log });
    this.broker = new BrokerConnection({
      settings: { url: mqtt.url, protocolVersion: mqtt.protocol_version },
      statusTopic: this.topics.agentStatus(agent.name),
      clientId: `luxcam-${agent.name}-${randomUUID().slice(0, 8)}`,
      log,
      subscriptions: [
        ...Object.keys(cameras).map((camera) => this.topics.capture(camera)),
        ...(mqtt.discovery === false ? [] : HomeAssistant.subscriptions(mqtt.discovery, this.topics)),
      ],
      onMessage: (message) => {
        commands.receive(message);
        this.homeAssistant?.receive(message);
      },
      onConnect: () => {
        for (const report of this.reports) report.publish();
        this.homeAssistant?.publish();
      },
    });
    if (mqtt.discovery !== false)
      this.homeAssistant = new HomeAssistant({
        prefix: mqtt.discovery,
        agent: agent.name,
        cameras,
        galleryUrl: gallery.url,
        topics: this.topics,
        broker: this.broker,
        log,
      });
    this.announcer = new Announcer({ store: this.store, broker: this.broker, topics: this.topics, log });
    this.services = Object.entries(cameras).map(([name, settings]) => this.buildService(name, settings));
    commands.connect(this.services, this.broker);
  }

  /** Starts everything. Nothing that is away (Redis, broker, a camera) keeps the rest from running. */
  async start(): Promise<void> {
    const { cameras, agent } = this.configuration;
    this.log.info({ agent: agent.name, cameras: Object.keys(cameras), redis: this.connection.address }, 'agent starts');
    this.connection.on('state', (state, problem) => {
      if (state === 'ready') this.log.info({ redis: this.connection.address }, 'Redis connected');
      else this.log.error({ redis: this.connection.address }, `Redis: ${problem}`);
      this.warnOfClock();
    });
    this.connection.start();
    this.broker.start();
    this.announcer.start();
    this.trimmer.start();
    await Promise.all(this.keepers.map((keeper) => keeper.start()));
    for (const service of this.services) service.start();
    for (const service of this.services) await this.startTriggers(service);
    this.log.info('agent runs');
  }

  /** Stops the triggers, finishes and stores the capture in flight, waits for the broker, and says `offline`. */
  async stop(): Promise<void> {
    await Promise.all(this.triggers.map((trigger) => trigger.stop()));
    await Promise.all(this.services.map((service) => service.stop()));
    await Promise.all(this.keepers.map((keeper) => keeper.stop()));
    await this.announcer.stop(stopPatience);
    this.homeAssistant?.stop();
    await within(lastPatience, Promise.all(this.reports.map((report) => report.publishOffline())));
    await this.broker.stop();
    this.trimmer.stop();
    await within(lastPatience, this.connection.stop());
    this.log.info('agent stopped');
  }

  private buildService(name: string, settings: CameraSettings): CaptureService {
    const log = this.log.child({ camera: name });
    const agent = this.configuration.agent.name;
    const { path, max_size } = this.configuration.agent.spool;
    const share = max_size / Object.keys(this.configuration.cameras).length;
    const spool = new Spool(name, { path, maxSize: share }, log);
    const keeper = new ImageKeeper({ store: this.store, spool, log, onChange: () => report.publish() });
    this.keepers.push(keeper);
    const service: CaptureService = new CaptureService({
      name,
      agent,
      camera: createCamera(name, settings.source, this.log),
      store: this.store,
      keeper,
      announcer: this.announcer,
      settings: { ttl: settings.ttl / 1000, timeout: settings.timeout },
      log,
      onChange: () => report.publish(),
    });
    const report = new CameraReport({
      service,
      keeper,
      settings,
      agent,
      broker: this.broker,
      topics: this.topics,
      log,
    });
    this.reports.push(report);
    return service;
  }

  private async startTriggers(service: CaptureService): Promise<void> {
    const settings = this.configuration.cameras[service.name]?.triggers ?? [];
    for (const each of settings) await this.startTrigger(service, each);
  }

  private async startTrigger(service: CaptureService, settings: TriggerSettings): Promise<void> {
    const report = this.reports.find((each) => each.camera === service.name);
    const trigger = createTrigger(settings, (on) => report?.setMotion(on), this.log.child({ camera: service.name }));
    const { burst } = settings;
    try {
      await trigger.start((cause) => service.request({ ...cause, burst, transaction: null, meta: {} }));
      this.triggers.push(trigger);
    } catch (error) {
      this.log.error({ camera: service.name, trigger: settings.type }, `trigger not started: ${messageOf(error)}`);
    }
  }

  private warnOfClock(): void {
    const seconds = Math.round(this.connection.clockOffset / 1000);
    if (Math.abs(seconds) <= 2) return;
    const remedy = this.connection.clockCorrection === 0 ? 'set the clock' : "images are stamped with Redis' time";
    this.log.warn({ seconds }, `this machine's clock differs from Redis' by ${seconds} s: ${remedy}`);
  }
}

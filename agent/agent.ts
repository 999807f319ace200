import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { IndexTrimmer } from '../core/index-trimmer';
import { RedisConnection } from '../core/redis-connection';
import { RedisImageStore } from '../core/redis-image-store';
import { Topics } from '../core/topics';
import { AgentName } from './agent-name';
import { Announcer } from './announcer';
import { BrokerConnection } from './broker-connection';
import { CameraReport } from './camera-report';
import { createCamera } from './cameras/create-camera';
import { CaptureCommands } from './capture-commands';
import { CaptureService } from './capture-service';
import type { CameraSettings, Configuration } from './config';
import { HomeAssistant } from './home-assistant';
import { ImageKeeper } from './image-keeper';
import { LiveFrames } from './live/live-frames';
import { Monitoring } from './monitoring';
import { warnsOfAnything } from './monitoring-settings';
import { RunTimeSettings } from './run-time-settings';
import { SettingCommands } from './setting-commands';
import { Spool } from './spool';
import { CameraTriggers } from './triggers/camera-triggers';
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
  private readonly name: AgentName;
  private readonly trimmer: IndexTrimmer;
  private readonly broker: BrokerConnection;
  private readonly announcer: Announcer;
  private readonly topics: Topics;
  /** Absent if Home Assistant is to know nothing of the cameras. */
  private readonly homeAssistant: HomeAssistant | undefined;
  private readonly services: CaptureService[];
  private readonly liveFrames: LiveFrames;
  private readonly keepers: ImageKeeper[] = [];
  private readonly reports: CameraReport[] = [];
  private readonly triggers = new Map<string, CameraTriggers>();
  private readonly settings: RunTimeSettings;
  private readonly monitoring: Monitoring;
  private serving = false;
  /** Ends when it serves, or was stopped before it could. */
  private waiting: Promise<void> | undefined;

  constructor(configuration: Configuration, log: Logger) {
    const { agent, redis, mqtt, gallery, cameras } = configuration;
    this.configuration = configuration;
    this.log = log;
    this.topics = new Topics(mqtt.base);
    this.connection = new RedisConnection(redis);
    this.store = new RedisImageStore({ connection: this.connection, outbox: agent.name, ownsCameras: true });
    this.name = new AgentName({ name: agent.name, connection: this.connection, log });
    this.trimmer = new IndexTrimmer(this.store, (message) => log.warn(message));
    this.settings = new RunTimeSettings({ folder: agent.spool.path, cameras, log });
    const commands = new CaptureCommands({ topics: this.topics, agent: agent.name, log });
    const settingCommands = new SettingCommands({
      topics: this.topics,
      cameras: Object.keys(cameras),
      settings: this.settings,
      log,
      onChange: (camera) => this.applySettings(camera),
    });
    this.broker = new BrokerConnection({
      settings: { url: mqtt.url, protocolVersion: mqtt.protocol_version, tls: mqtt.tls },
      statusTopic: this.topics.agentStatus(agent.name),
      clientId: `luxcam-${agent.name}-${randomUUID().slice(0, 8)}`,
      log,
      subscriptions: [
        ...Object.keys(cameras).map((camera) => this.topics.capture(camera)),
        ...settingCommands.subscriptions,
        ...(mqtt.discovery === false ? [] : HomeAssistant.subscriptions(mqtt.discovery, this.topics)),
      ],
      onMessage: (message) => {
        commands.receive(message);
        settingCommands.receive(message);
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
        warns: warnsOfAnything(configuration.warnings),
        topics: this.topics,
        broker: this.broker,
        log,
      });
    this.monitoring = new Monitoring({
      configuration,
      store: this.store,
      broker: this.broker,
      runTimeSettings: this.settings,
      log,
      onChange: () => {
        for (const report of this.reports) report.publish();
      },
    });
    this.announcer = new Announcer({ store: this.store, broker: this.broker, topics: this.topics, log });
    this.services = Object.entries(cameras).map(([name, settings]) => this.buildService(name, settings));
    commands.connect(this.services, this.broker);
    this.liveFrames = new LiveFrames({
      connection: this.connection,
      cameras: this.services.map((service) => ({
        name: service.name,
        settings: cameras[service.name]?.live,
        takeFrame: (width) => service.liveFrame(width),
      })),
      log,
    });
  }

  /**
   * Starts everything. Nothing that is away (Redis, broker, a camera) keeps the rest from running. While another agent of
   * this name runs, only that is said, and this one starts as soon as that one is gone.
   */
  async start(): Promise<void> {
    const { cameras, agent } = this.configuration;
    this.log.info({ agent: agent.name, cameras: Object.keys(cameras), redis: this.connection.address }, 'agent starts');
    this.connection.on('state', (state, problem) => {
      if (state === 'ready') this.log.info({ redis: this.connection.address }, 'Redis connected');
      else this.log.error({ redis: this.connection.address }, `Redis: ${problem}`);
      this.warnOfClock();
    });
    this.connection.start();
    if (await this.name.take()) await this.serve();
    else this.waiting = this.name.wait().then((free) => (free ? this.serve() : undefined));
  }

  /** Resolves when another agent of this name goes first: this one is to be stopped, and may be started anew. */
  get displaced(): Promise<undefined> {
    return this.name.lost;
  }

  private async serve(): Promise<void> {
    this.serving = true;
    await this.settings.load();
    for (const service of this.services) this.applySettings(service.name);
    this.liveFrames.start();
    this.broker.start();
    this.announcer.start();
    this.trimmer.start();
    await this.monitoring.start();
    await Promise.all(this.keepers.map((keeper) => keeper.start()));
    for (const service of this.services) service.start();
    for (const triggers of this.triggers.values()) await triggers.start();
    this.log.info('agent runs');
  }

  /** Whether every camera's work goes on. */
  get alive(): boolean {
    return !this.services.some((service) => service.stuck);
  }

  /** Stops the triggers, finishes and stores the capture in flight, waits for the broker, and says `offline`. */
  async stop(): Promise<void> {
    if (!this.serving) await this.name.stop();
    await this.waiting;
    if (this.serving) await this.stopServing();
    await this.name.stop();
    await within(lastPatience, this.connection.stop());
    this.log.info('agent stopped');
  }

  private async stopServing(): Promise<void> {
    this.liveFrames.stop();
    await Promise.all([...this.triggers.values()].map((triggers) => triggers.stop()));
    await Promise.all(this.services.map((service) => service.stop()));
    await Promise.all(this.keepers.map((keeper) => keeper.stop()));
    await this.settings.stop();
    await within(lastPatience, this.monitoring.stop());
    await this.announcer.stop(stopPatience);
    this.homeAssistant?.stop();
    await within(lastPatience, Promise.all(this.reports.map((report) => report.publishOffline())));
    await this.broker.stop();
    await within(lastPatience, this.trimmer.stop());
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
      runTimeSettings: this.settings,
      monitoring: this.monitoring,
      warnings: this.monitoring.add(service, keeper, log),
      agent,
      broker: this.broker,
      topics: this.topics,
      log,
    });
    this.reports.push(report);
    const triggers = new CameraTriggers({
      settings: settings.triggers,
      backend: this.configuration.agent.gpio.backend,
      request: (request) => service.request(request),
      onMotion: (on) => report.setMotion(on),
      log,
    });
    this.triggers.set(name, triggers);
    return service;
  }

  /** Puts into force what of a camera can be changed at run time. */
  private applySettings(camera: string): void {
    const current = this.settings.of(camera);
    const service = this.services.find(({ name }) => name === camera);
    if (service !== undefined) service.settings.ttl = current.ttl;
    this.triggers.get(camera)?.apply(current);
    this.reports.find((report) => report.camera === camera)?.publish();
  }

  private warnOfClock(): void {
    const seconds = Math.round(this.connection.clockOffset / 1000);
    if (Math.abs(seconds) <= 2) return;
    const remedy = this.connection.clockCorrection === 0 ? 'set the clock' : "images are stamped with Redis' time";
    this.log.warn({ seconds }, `this machine's clock differs from Redis' by ${seconds} s: ${remedy}`);
  }
}

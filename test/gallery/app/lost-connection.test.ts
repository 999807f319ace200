import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { mock } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { startBrowser } from '../../support/browser';
import { GalleryServer } from '../../support/gallery-server';
import { newImage } from '../../support/new-image';
import { TestRedis } from '../../support/redis-server';

/** Stands between browser and gallery. While it hangs, it takes connections and passes nothing on. */
class Line {
  hangs = false;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((browser) => this.join(browser));
  private readonly target: number;

  constructor(target: number) {
    this.target = target;
  }

  async start(): Promise<number> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the line has no port');
    return address.port;
  }

  /** From now on nothing comes through, and no connection ends. */
  hang(): void {
    this.hangs = true;
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  /** New connections work again; those that hung are gone. */
  mend(): void {
    this.hangs = false;
    for (const socket of this.sockets) socket.destroy();
  }

  stop(): void {
    this.mend();
    this.server.close();
  }

  private join(browser: Socket): void {
    this.keep(browser);
    if (this.hangs) return void browser.pause();
    const gallery = this.keep(connect(this.target, '127.0.0.1'));
    browser.pipe(gallery).pipe(browser);
    browser.on('close', () => gallery.destroy());
  }

  private keep(socket: Socket): Socket {
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    return socket;
  }
}

describe('the gallery page on a connection that hangs', () => {
  const redis = new TestRedis();
  let server: GalleryServer;
  let browser: Browser;
  let page: Page;
  let line: Line;
  let picture: Buffer;

  const put = async () => (await server.store.put(newImage({ bytes: picture, thumbnail: picture }))).id;
  const tile = (id: string) => page.locator(`button[data-image="${id}"]`);
  const lost = () => page.getByText(/^Connection lost/);
  /** Lets a time pass in the page alone, in seconds. */
  const pass = (seconds: number) => page.clock.fastForward(seconds * 1000);

  before(async () => {
    await redis.start();
    const grey = { create: { width: 320, height: 180, channels: 3, background: '#777' } } as const;
    picture = await sharp(grey).jpeg().toBuffer();
    server = await new GalleryServer(redis).start();
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await redis.stop();
  });
  beforeEach(async () => {
    await server.renew();
    // Before the server starts a stream, so that a test can let its heartbeat come.
    mock.timers.enable({ apis: ['setInterval'] });
    line = new Line(server.port);
    const port = await line.start();
    page = await (await browser.newContext()).newPage();
    await page.clock.install();
    // The clock of a shared worker can't be moved on; without one the page holds the stream itself.
    await page.addInitScript('delete window.SharedWorker');
    const id = await put();
    await page.goto(server.url.replace(`${server.port}`, `${port}`));
    await tile(id).waitFor();
    // Comes by the stream: so it is open.
    await tile(await put()).waitFor();
  });
  afterEach(async () => {
    mock.timers.reset();
    await page.context().close();
    line.stop();
  });

  it('says that it is lost, and goes on when it works again', async () => {
    line.hang();
    await pass(51);
    await lost().waitFor();
    const id = await put();
    // The server may take the next connection too, and say nothing.
    await pass(51);
    line.mend();
    await lost().waitFor({ state: 'detached' });
    await tile(id).waitFor();
    await tile(await put()).waitFor();
  });

  it('says what has become of the opened image meanwhile', async () => {
    const id = await put();
    await tile(id).click();
    const large = page.getByRole('dialog', { name: 'Image of front' });
    await large.getByText('Gone in').waitFor();
    line.hang();
    await pass(51);
    await lost().first().waitFor();
    await server.store.pin(id);
    line.mend();
    await large.getByText('until it is deleted').waitFor();
    line.hang();
    await pass(51);
    await lost().first().waitFor();
    await server.store.delete(id);
    line.mend();
    await large.getByText('This image is not here.').waitFor();
  });

  it('waits while the server says that it is alive, or that something happened', async () => {
    const opened: string[] = [];
    page.on('request', (request) => request.url().endsWith('api/events') && opened.push(request.url()));
    const network = await page.context().newCDPSession(page);
    await network.send('Network.enable');
    const alive = new Promise<void>((resolve) => {
      network.on('Network.eventSourceMessageReceived', ({ eventName }) => eventName === 'alive' && resolve());
    });
    await pass(40);
    mock.timers.tick(20_000);
    await alive;
    await pass(40);
    await tile(await put()).waitFor();
    await pass(40);
    await tile(await put()).waitFor();
    assert.deepEqual(opened, []);
  });
});

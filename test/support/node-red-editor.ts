import type { Browser, Locator, Page } from 'playwright-core';
import { type NodeRedProcess, users } from './node-red-process';

/** The editor of a Node-RED in a browser, as the person sees it who is signed in. */
export class NodeRedEditor {
  readonly page: Page;
  private readonly nodeRed: NodeRedProcess;

  private constructor(page: Page, nodeRed: NodeRedProcess) {
    this.page = page;
    this.nodeRed = nodeRed;
  }

  /** Opens the editor, signs in, and waits for the flow to be there. */
  static async open(browser: Browser, nodeRed: NodeRedProcess, size = { width: 1400, height: 900 }) {
    const page = await (await browser.newContext({ viewport: size })).newPage();
    // Sooner than a test's own end, and so with a message that says what was waited for.
    page.setDefaultTimeout(10_000);
    await page.goto(`${nodeRed.adminUrl}/`);
    await page.locator('#node-dialog-login-username').fill(users.admin.name);
    await page.locator('#node-dialog-login-password').fill(users.admin.password);
    await page.locator('#node-dialog-login-submit').click();
    await page.locator('#red-ui-workspace-chart .red-ui-flow-node').first().waitFor();
    return new NodeRedEditor(page, nodeRed);
  }

  /** A node on the canvas. */
  node(id: string): Locator {
    return this.page.locator(`[id="${id}"]`);
  }

  /** Opens the dialog of a node on the canvas. */
  async edit(id: string): Promise<Locator> {
    // Its words below it can be long, and lead away from its middle.
    await this.node(id).locator('rect.red-ui-flow-node').dblclick();
    return this.tray();
  }

  /** The dialog on top, as soon as it stands still. */
  async tray(): Promise<Locator> {
    const tray = this.page.locator('.red-ui-tray').last();
    await tray.locator('.form-row').first().waitFor();
    await this.page.waitForFunction(() => document.getAnimations().length === 0);
    return tray;
  }

  /** From the dialog of a node, opens that of its image store. */
  async editStore(): Promise<Locator> {
    const row = this.page.locator('.red-ui-tray .form-row', { has: this.page.locator('#node-input-store') });
    await row.locator('.red-ui-button:has(.fa-pencil)').click();
    await this.page.locator('#node-config-input-url').waitFor();
    return this.tray();
  }

  /** Fills a typed input of the dialog on top. */
  async type(name: string, type: string, value: string): Promise<void> {
    const row = this.page.locator(`.form-row:has(#node-input-${name})`);
    await row.locator('.red-ui-typedInput-type-select').click();
    // A menu in which something is chosen while it still unrolls would stay open.
    await this.page.waitForFunction("$(':animated').length === 0");
    await this.page.locator(`.red-ui-typedInput-options:visible a[value="${type}"]`).click();
    await row.locator('input[type=text]:visible').fill(value);
  }

  /** Leaves the dialog on top with what was changed in it. */
  done(): Promise<void> {
    return this.leave('#node-dialog-ok, #node-config-dialog-ok');
  }

  /** Leaves the dialog on top as if it had not been opened. */
  cancel(): Promise<void> {
    return this.leave('#node-dialog-cancel, #node-config-dialog-cancel');
  }

  /** Deploys what was changed, although the editor warns of nodes that are set up wrongly. Resolves when it runs. */
  async deploy(): Promise<void> {
    const since = this.nodeRed.log.length;
    await this.page.locator('#red-ui-header-button-deploy').click();
    await this.page.getByRole('button', { name: 'Confirm deploy' }).click();
    await this.nodeRed.logged(/Started (modified )?(flows|nodes)/, since);
  }

  /** Leaves all dialogs that are open. */
  async cancelAll(): Promise<void> {
    while ((await this.page.locator('.red-ui-tray').count()) > 0) await this.cancel();
  }

  private async leave(button: string): Promise<void> {
    // The editor takes the dialog below out of the page meanwhile, so it is this one that has to go.
    const tray = await this.page.locator('.red-ui-tray').last().elementHandle();
    await this.page.locator('.red-ui-tray').last().locator(button).click();
    await tray?.waitForElementState('hidden');
  }
}

import { type Browser, chromium, type Page } from 'playwright-core';
import { systemProgram } from './server-process';

/** A real Chromium without a window. */
export function startBrowser(): Promise<Browser> {
  const quiet = ['quic', 'gpu', 'background-networking', 'component-update', 'sync'].map((name) => `--disable-${name}`);
  const executablePath = systemProgram('chromium', 'chromium');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run', ...quiet] });
}

/** What went wrong in a page: errors, violations of its policy, and shifts of its layout. */
export interface PageComplaints {
  errors: string[];
  /** Reads what the browser has seen in the page that is open now. */
  seen(): Promise<{ violations: string[]; shifts: string[] }>;
}

/** Listens to a page from its start. */
export async function watchPage(page: Page): Promise<PageComplaints> {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.addInitScript(observe);
  const names = ['violations', 'shifts'] as const;
  return {
    errors,
    async seen() {
      const [violations = [], shifts = []] = await Promise.all(
        names.map((name) =>
          page.evaluate((key) => (sessionStorage.getItem(key) ?? '').split('\n').filter(Boolean), name),
        ),
      );
      return { violations, shifts };
    },
  };
}

/** Runs in the page. */
const observe = `
  const note = (key, text) => sessionStorage.setItem(key, (sessionStorage.getItem(key) ?? '') + text + '\\n');
  addEventListener('securitypolicyviolation', (event) => note('violations', event.violatedDirective + ' ' + event.blockedURI));
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      note('shifts', entry.value + ' ' + entry.sources.map(({ node }) => node?.parentElement?.className + '>' + node?.className));
  }).observe({ type: 'layout-shift', buffered: true });
`;

// Node-RED's settings for `npm start`. They come through the environment, which scripts/start.mjs sets.
const path = require('node:path');
const { timingSafeEqual } = require('node:crypto');
const bcrypt = require('bcryptjs');

const { LUXCAM_HOST = '127.0.0.1', LUXCAM_PORT = '1880', LUXCAM_PASSWORD = '' } = process.env;
const user = 'luxcam';

/** Where others reach Node-RED, one password guards the editor, the pages and the dashboard's socket. */
function guarded() {
  if (LUXCAM_PASSWORD === '') return {};
  const password = bcrypt.hashSync(LUXCAM_PASSWORD, 8);
  const expected = Buffer.from(`Basic ${Buffer.from(`${user}:${LUXCAM_PASSWORD}`).toString('base64')}`);
  const isKnown = (header = '') => header.length === expected.length && timingSafeEqual(Buffer.from(header), expected);
  return {
    adminAuth: { type: 'credentials', users: [{ username: user, password, permissions: '*' }] },
    httpNodeAuth: { user, pass: password },
    dashboard: {
      // httpNodeAuth does not reach the dashboard's socket.
      ioMiddleware: [
        (socket, next) =>
          isKnown(socket.request.headers.authorization)
            ? next()
            : next(new Error('Sign in on the dashboard page first')),
      ],
    },
  };
}

module.exports = {
  uiHost: LUXCAM_HOST,
  uiPort: Number(LUXCAM_PORT),
  flowFile: 'flows.json',
  flowFilePretty: true,
  // The flow holds no secrets: they come through the environment.
  credentialSecret: false,
  // The nodes of this repository, as they are: nothing has to be installed or linked.
  nodesDir: [path.resolve(__dirname, '..')],
  ...guarded(),
  editorTheme: {
    page: { title: 'luxcam' },
    header: { title: 'luxcam' },
    tours: false,
    projects: { enabled: false },
  },
  diagnostics: { enabled: false, ui: false },
  telemetry: { enabled: false, updateNotification: false },
  functionExternalModules: false,
  logging: { console: { level: 'info', metrics: false, audit: false } },
};

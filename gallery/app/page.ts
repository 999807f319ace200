import './colours.css';
import './page.css';
import { createApp } from 'vue';
import { pageAddress } from './address';
import GalleryPage from './Gallery.vue';
import type { GallerySource } from './gallery';
import { StreamedEvents } from './live-events';
import { GalleryServer } from './server';

// Wherever the gallery is mounted, the page lies at the mount itself.
const base = new URL('./', location.href).href;
const source: GallerySource = {
  server: new GalleryServer(base),
  liveEvents: new StreamedEvents(`${base}api/events`),
  address: pageAddress(),
  fixedCamera: '',
  did: () => {},
};
createApp(GalleryPage, { source }).mount('#gallery');

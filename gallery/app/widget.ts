import './colours.css';

export { default as LuxcamGallery } from './LuxcamGallery.vue';

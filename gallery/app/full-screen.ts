/** Shows an element on the full screen, or ends that. Browsers refuse it to a `<dialog>`: give what is inside. */
export async function toggleFullScreen(element: HTMLElement | null): Promise<void> {
  if (document.fullscreenElement !== null) await document.exitFullscreen();
  else await element?.requestFullscreen();
}

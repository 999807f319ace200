import { onBeforeUnmount, onMounted, type Ref } from 'vue';

/**
 * Opens a dialog over all else for as long as its component is mounted. A modal dialog keeps the focus inside and gives it
 * back when it closes: the browser does that itself.
 */
export function useModalDialog(dialog: Readonly<Ref<HTMLDialogElement | null>>): void {
  let before: Element | null = null;
  // While something fills the screen, the browser gives the focus to nothing else.
  const giveBack = () => {
    if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
  };
  onMounted(() => {
    before = document.activeElement;
    dialog.value?.showModal();
    // Else the browser would choose the first button, and Space or Enter would press it.
    dialog.value?.focus();
  });
  onBeforeUnmount(() => {
    dialog.value?.close();
    if (document.fullscreenElement !== null) document.addEventListener('fullscreenchange', giveBack, { once: true });
  });
}

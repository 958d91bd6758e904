// Copying, passing on and printing; without this script the words stand in a box to be copied by hand.
(() => {
  "use strict";
  const take = document.getElementById("take");
  const done = document.getElementById("done");
  take.hidden = false;
  const native = take.querySelector("[data-native]");
  if (native && navigator.share) native.hidden = false;
  take.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.copy) {
      const box = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(box.value);
      } catch {
        // A page without https may not use the clipboard by itself.
        box.select();
        document.execCommand("copy");
      }
      // Emptied first: the same words again would not be read out again.
      done.textContent = "";
      window.setTimeout(() => { done.textContent = `✓ ${done.dataset.done}`; }, 50);
    } else if ("native" in button.dataset) {
      navigator.share({ text: document.getElementById("plain").value }).catch(() => {});
    } else {
      window.print();
    }
  });
})();

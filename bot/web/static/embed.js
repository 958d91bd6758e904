// Shows the chat in another site of the county: <script src="https://…/embed.js" defer></script>
(() => {
  "use strict";
  const home = new URL(document.currentScript.src).origin;
  const place = document.createElement("div");
  // A shadow root: the site's style sheets and ours leave each other alone.
  const root = place.attachShadow({ mode: "closed" });
  const looks = new CSSStyleSheet();
  looks.replaceSync(`
    button { position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; font: 600 16px/1.2 system-ui, sans-serif;
      color: #fff; background: #a8321f; border: 0; border-radius: 999px; padding: 15px 22px; cursor: pointer;
      box-shadow: 0 4px 16px rgb(0 0 0 / 25%); min-height: 48px; }
    button:focus-visible { outline: 3px solid #17564a; outline-offset: 2px; }
    iframe { position: fixed; right: 20px; bottom: 84px; z-index: 2147483000; width: min(420px, calc(100vw - 40px));
      height: min(680px, calc(100vh - 120px)); border: 0; border-radius: 14px; background: #f5f1e8;
      box-shadow: 0 8px 40px rgb(0 0 0 / 30%); }
    iframe[hidden] { display: none; }`);
  root.adoptedStyleSheets = [looks];
  const button = document.createElement("button");
  const english = document.documentElement.lang.startsWith("en");
  const words = english ? ["Ask the hometown assistant", "Close"] : ["问老乡助手", "收起"];
  button.type = "button";
  button.textContent = words[0];
  button.setAttribute("aria-expanded", "false");
  let frame = null;
  button.addEventListener("click", () => {
    // A telephone has no room for a frame.
    if (window.innerWidth < 600) { window.open(home + "/", "_blank", "noopener"); return; }
    if (!frame) {
      frame = document.createElement("iframe");
      frame.title = words[0];
      frame.src = home + "/embed";
      frame.hidden = true;
      root.append(frame);
    }
    frame.hidden = !frame.hidden;
    button.textContent = words[frame.hidden ? 0 : 1];
    button.setAttribute("aria-expanded", String(!frame.hidden));
  });
  root.append(button);
  document.body.append(place);
})();

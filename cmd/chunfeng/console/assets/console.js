// The console's own script. Every page works without it.
(() => {
  "use strict";

  // An answer 401 to a request of htmx means that the session ended: the page is loaded again, which shows the sign-in.
  document.addEventListener("htmx:before:response", e => {
    if (e.detail.ctx.response.status !== 401) return;
    e.preventDefault();
    location.reload();
  });
})();

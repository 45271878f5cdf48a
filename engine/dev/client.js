// Part of what `engine dev` shows, and of nothing else: asks for the page again when the site changed.
(() => {
  const query = new URL(document.currentScript.src).searchParams, token = query.get("t");
  let version = query.get("v"), source;

  const restyle = () => {
    for (const link of document.querySelectorAll("link[rel~=stylesheet][href]")) {
      const url = new URL(link.href);
      if (url.origin !== location.origin) continue;
      url.searchParams.set("_engine", version);
      const fresh = link.cloneNode();
      fresh.onload = fresh.onerror = () => link.remove(); // no flash
      fresh.href = url;
      link.after(fresh);
    }
  };

  const scripts = page => [...page.scripts].filter(it => !it.src.includes("/_engine/"));

  const retell = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // A script has done to this document what it would have to do to that one.
    if (!answer.ok || scripts(document).length || scripts(page).length) return location.reload();
    document.title = page.title;
    document.body.replaceWith(page.body);
  };

  const listen = () => {
    source?.close();
    if (document.hidden) return; // a browser opens six connections to a server, and tabs are many
    source = new EventSource(`/_engine/events?t=${token}&v=${version}`);
    source.addEventListener("reload", () => location.reload());
    source.addEventListener("texts", event => { version = event.data; retell(); });
    source.addEventListener("styles", event => { version = event.data; restyle(); });
    source.onerror = () => {
      // Refused: the server was started anew, and its own pages know its token. Try one, once.
      if (source.readyState !== 2 || sessionStorage.engine === token) return;
      sessionStorage.engine = token;
      location.reload();
    };
  };

  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", event => event.persisted && listen());
  listen();
})();
